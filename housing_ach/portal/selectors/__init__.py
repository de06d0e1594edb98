"""What tenants' pages show, in a fixed number of questions."""

from housing_ach.portal.selectors.balance import BalanceLine, balance_lines
from housing_ach.portal.selectors.figures import Figures, figures_of
from housing_ach.portal.selectors.household import HouseholdCharge, Payer, household
from housing_ach.portal.selectors.orders import DebitStory, Step, stories_of

__all__ = [
    "BalanceLine",
    "DebitStory",
    "Figures",
    "HouseholdCharge",
    "Payer",
    "Step",
    "balance_lines",
    "figures_of",
    "household",
    "stories_of",
]
