SYSTEM_EMAIL = "system@hms-ach.invalid"
# The sign-in asks for the device of this name first.
DEVICE = "default"
