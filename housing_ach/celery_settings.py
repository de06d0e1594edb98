"""How the worker treats messages: late acknowledgement, one at a time, and no result store."""

from django.conf import settings

broker_url = settings.REDIS_URL
timezone = "UTC"
task_acks_late = True
task_reject_on_worker_lost = True
task_ignore_result = True
task_time_limit = 1800
worker_prefetch_multiplier = 1
worker_max_tasks_per_child = 500
# In kB. Setting a long document takes 350 MB, of which 40 % would stay with the process.
worker_max_memory_per_child = 400_000
broker_connection_retry_on_startup = True
# Longer than the longest task, or a task still running would be handed out again.
broker_transport_options = {"visibility_timeout": 3600}
