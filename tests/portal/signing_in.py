"""Signs in as a person does, page by page, without a browser."""

from django.test import Client

LOGIN = "/account/login/"
PASSWORD = "a long enough password"


def give_password(client: Client, email: str, password: str = PASSWORD, then: str = "/"):
    form = {"login_view-current_step": "auth", "auth-username": email, "auth-password": password}
    return client.post(f"{LOGIN}?next={then}", form)


def give_code(client: Client, code: str, then: str = "/"):
    form = {"login_view-current_step": "token", "token-otp_token": code}
    return client.post(f"{LOGIN}?next={then}", form)
