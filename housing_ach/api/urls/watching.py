from housing_ach.api.views import watching

ENDPOINTS = (
    ("events", watching.EventsView, "events"),
    ("events/evt_<int:pk>", watching.EventView, "event"),
    ("returns", watching.ReturnsView, "returns"),
    ("returns/<int:pk>", watching.ReturnView, "return"),
    ("corrections", watching.CorrectionsView, "corrections"),
    ("corrections/<int:pk>", watching.CorrectionView, "correction"),
    ("files", watching.FilesView, "files"),
    ("files/<int:pk>", watching.FileView, "file"),
)
