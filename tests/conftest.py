"""Options of the tests."""

import os

# A mistake of the program is an error here, and no remark in a report.
os.environ["CHAINRULE_STRICT"] = "1"


def pytest_addoption(parser):
    parser.addoption(
        "--update-golden", action="store_true", help="write the golden files of today's output"
    )


def pytest_collection_modifyitems(items):
    """All that is asked of a test document stands together, so that one process checks it once."""
    places = [k for k, item in enumerate(items) if item.path.stem == "test_documents"]
    asked = sorted((items[k] for k in places), key=lambda item: item.callspec.params["path"])
    for place, item in zip(places, asked, strict=True):
        items[place] = item
