"""Whether a page can be used by everybody, as far as a machine can tell."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page) -> list[str]:
    found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
    return [
        f"{each['id']}: {each['help']}: {[node['html'][:200] for node in each['nodes']]}"
        for each in found
    ]


def sideways(page: Page) -> int:
    """Pixels by which the page is wider than its window."""
    width: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return width


def shifted(page: Page) -> float:
    """How far what was shown already moved by itself: the cumulative layout shift so far."""
    moved: float = page.evaluate(
        """() => new Promise((told) => {
            let sum = 0;
            const add = (seen) => seen.getEntries().forEach((each) => { sum += each.value; });
            new PerformanceObserver(add).observe({ type: "layout-shift", buffered: true });
            requestAnimationFrame(() => setTimeout(() => told(sum), 0));
        })"""
    )
    return moved
