from django.http import HttpRequest

THEMES = ("light", "dark")


def page(request: HttpRequest) -> dict[str, object]:
    """What every page of ours needs: the chosen colours and the nonce of its scripts."""
    theme = request.COOKIES.get("theme", "")
    return {
        "theme": theme if theme in THEMES else "",
        "csp_nonce": getattr(request, "csp_nonce", None),
    }
