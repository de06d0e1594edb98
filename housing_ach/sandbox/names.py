"""Made-up names for made-up tenants."""

PROPERTIES = (
    ("ALDER", "Alder Court", "IL", "14 Alder Court, Springfield"),
    ("BIRCH", "Birch Terrace", "OH", "200 Birch Terrace, Dayton"),
    ("CEDAR", "Cedar Mill Lofts", "NY", "8 Mill Street, Albany"),
)
FIRST_NAMES = (
    "Ada", "Amir", "Bea", "Carlos", "Dana", "Elif", "Femi", "Grace", "Hana", "Ines",
    "Jonas", "Kofi", "Lena", "Mateo", "Nadia", "Omar", "Priya", "Quinn", "Rosa", "Sven",
    "Tara", "Uma", "Viktor", "Wen", "Xenia", "Yusuf", "Zoë", "José", "Chloé", "Søren",
)  # fmt: skip
LAST_NAMES = (
    "Abbott", "Bauer", "Castillo", "Dubois", "Eze", "Fischer", "García", "Haddad", "Ibrahim",
    "Jensen", "Kowalski", "Lindqvist", "Moreau", "Nakamura", "O'Neil", "Petrov", "Quispe",
    "Rossi", "Santos", "Tanaka", "Underwood", "Vargas", "Whitfield", "Xu", "Yamada", "Zieliński",
)  # fmt: skip
