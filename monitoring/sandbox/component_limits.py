"""What Discord refuses in buttons, menus, layouts and modals."""

from __future__ import annotations

from collections.abc import Iterator

from monitoring.sandbox.refusals import JSON, Form

ROW, BUTTON, STRING_SELECT, TEXT_INPUT = 1, 2, 3, 4
SELECTS = (3, 5, 6, 7, 8)
SECTION, TEXT_DISPLAY, CONTAINER, LABEL = 9, 10, 17, 18
_LINK, _PREMIUM = 5, 6
_V1_TOP = {ROW}
_V2_TOP = {ROW, SECTION, TEXT_DISPLAY, 12, 13, 14, CONTAINER}

Path = tuple[str | int, ...]


def walk(components: object) -> Iterator[JSON]:
    """Every component of a message or modal, outer ones first."""
    for component in components if isinstance(components, list) else ():
        yield component
        yield from walk(component.get("components"))
        yield from walk([component[part] for part in ("accessory", "component") if component.get(part)])


def check_components(form: Form, components: object, *, v2: bool, file_names: set[str]) -> None:
    """Notes what is wrong with the components of a message."""
    top = form.count(("components",), components, 40 if v2 else 5)
    for place, component in enumerate(top):
        kind = component.get("type")
        if kind not in (_V2_TOP if v2 else _V1_TOP):
            known = sorted(_V2_TOP if v2 else _V1_TOP)
            form.wrong(("components", place, "type"), "BASE_TYPE_CHOICES", f"Value must be one of {known}.")
        else:
            _check(form, ("components", place), component)

    everything = list(walk(top))
    if len(everything) > 40 and v2:
        form.wrong(("components",), "BASE_TYPE_MAX_LENGTH", "The total number of components must be 40 or fewer.")

    text = sum(len(str(part.get("content", ""))) for part in everything if part.get("type") == TEXT_DISPLAY)
    if text > 4000:
        form.wrong(("components",), "COMPONENT_MAX_TOTAL_LENGTH", "The total text must be 4000 or fewer in length.")

    _check_unique(form, everything)
    _check_media(form, everything, file_names)


def _check_unique(form: Form, everything: list[JSON]) -> None:
    """Notes ids that occur twice."""
    seen: set[str] = set()
    for component in everything:
        custom_id = component.get("custom_id")
        if custom_id in seen:
            text = "Component custom id cannot be duplicated"
            form.wrong(("components",), "COMPONENT_CUSTOM_ID_DUPLICATED", text)

        if custom_id is not None:
            seen.add(custom_id)


def _check_media(form: Form, everything: list[JSON], file_names: set[str]) -> None:
    """Notes pictures and files of a layout that were not sent."""
    for component in everything:
        media = [component.get("media"), component.get("file")]
        media += [item.get("media") for item in component.get("items") or ()]
        for entry in media:
            url = str((entry or {}).get("url", ""))
            if url.startswith("attachment://") and url.removeprefix("attachment://") not in file_names:
                form.wrong(("components",), "BASE_TYPE_BAD_ATTACHMENT", f"No file named {url[13:]} was sent")


def _check(form: Form, path: Path, component: JSON) -> None:
    """Notes what is wrong with one component and those in it."""
    kind = component.get("type")
    if kind == ROW:
        _check_row(form, path, component)
    elif kind == BUTTON:
        _check_button(form, path, component)
    elif kind in SELECTS:
        _check_select(form, path, component)
    elif kind == TEXT_DISPLAY:
        form.length((*path, "content"), component.get("content"), 4000, 1)
    elif kind == SECTION:
        parts = form.count((*path, "components"), component.get("components"), 3, 1)
        _check_all(form, (*path, "components"), parts)
        if component.get("accessory"):
            _check(form, (*path, "accessory"), component["accessory"])
    elif kind == CONTAINER:
        _check_all(form, (*path, "components"), form.count((*path, "components"), component.get("components"), 40, 1))


def _check_all(form: Form, path: Path, components: list[JSON]) -> None:
    """Notes what is wrong with each of a list."""
    for place, component in enumerate(components):
        _check(form, (*path, place), component)


def _check_row(form: Form, path: Path, row: JSON) -> None:
    """Notes a row with too much in it: five buttons or one menu."""
    parts = form.count((*path, "components"), row.get("components"), 5, 1)
    kinds = [part.get("type") for part in parts]
    if any(kind in SELECTS or kind == TEXT_INPUT for kind in kinds) and len(kinds) > 1:
        text = "A row holds up to five buttons or one menu"
        form.wrong((*path, "components"), "COMPONENT_LAYOUT_WIDTH_EXCEEDED", text)

    _check_all(form, (*path, "components"), parts)


def _check_button(form: Form, path: Path, button: JSON) -> None:
    """Notes what is wrong with a button."""
    form.length((*path, "label"), button.get("label"), 80)
    style = button.get("style")
    if style not in range(1, 7):
        form.wrong((*path, "style"), "BASE_TYPE_CHOICES", "Value must be one of (1, 2, 3, 4, 5, 6).")
    elif style == _LINK:
        if not button.get("url"):
            form.wrong(path, "BUTTON_COMPONENT_URL_REQUIRED", "A url is required")

        form.length((*path, "url"), button.get("url"), 512)
    elif style != _PREMIUM:
        _check_id(form, path, button)

    if style != _PREMIUM and not button.get("label") and not button.get("emoji"):
        form.wrong(path, "BUTTON_COMPONENT_INVALID_LABEL", "A label or an emoji is required")


def _check_id(form: Form, path: Path, component: JSON) -> None:
    """Notes a missing or overlong custom id."""
    if not component.get("custom_id"):
        form.wrong(path, "COMPONENT_CUSTOM_ID_REQUIRED", "A custom id is required")
    else:
        form.length((*path, "custom_id"), component["custom_id"], 100, 1)


def _check_select(form: Form, path: Path, menu: JSON) -> None:
    """Notes what is wrong with a menu."""
    _check_id(form, path, menu)
    form.length((*path, "placeholder"), menu.get("placeholder"), 150)
    least, most = menu.get("min_values", 1), menu.get("max_values", 1)
    if not 0 <= least <= 25 or not 1 <= most <= 25 or least > most:
        form.wrong((*path, "max_values"), "BASE_TYPE_BAD_LENGTH", "min_values and max_values must be in 0-25, in order")

    if menu.get("type") != STRING_SELECT:
        return

    options = form.count((*path, "options"), menu.get("options"), 25, 1)
    for place, option in enumerate(options):
        spot = (*path, "options", place)
        for part in ("label", "value"):
            if not option.get(part):
                form.required((*spot, part))
            else:
                form.length((*spot, part), option[part], 100, 1)

        form.length((*spot, "description"), option.get("description"), 100)

    values = [option.get("value") for option in options]
    if len(set(values)) != len(values):
        form.wrong(
            (*path, "options"), "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "The specified value is already used"
        )

    if options and most > len(options):
        form.wrong((*path, "max_values"), "BASE_TYPE_BAD_LENGTH", "max_values is more than there are options")

    if sum(bool(option.get("default")) for option in options) > most:
        form.wrong((*path, "options"), "SELECT_COMPONENT_TOO_MANY_DEFAULT", "More defaults than max_values")


def check_modal(form: Form, modal: JSON) -> None:
    """Notes what is wrong with a modal."""
    for part, most in (("title", 45), ("custom_id", 100)):
        if not modal.get(part):
            form.required((part,))
        else:
            form.length((part,), modal[part], most, 1)

    top = form.count(("components",), modal.get("components"), 5, 1)
    for place, component in enumerate(top):
        spot: Path = ("components", place)
        if component.get("type") == LABEL:
            form.length((*spot, "label"), component.get("label"), 45, 1)
            form.length((*spot, "description"), component.get("description"), 100)
        elif component.get("type") not in (ROW, TEXT_DISPLAY):
            form.wrong((*spot, "type"), "BASE_TYPE_CHOICES", "Value must be one of (1, 10, 18).")

    everything = list(walk(top))
    for component in everything:
        if component.get("type") == TEXT_INPUT:
            _check_input(form, ("components",), component)
        elif component.get("type") in SELECTS:
            _check_select(form, ("components",), component)

    _check_unique(form, everything)


def _check_input(form: Form, path: Path, entry: JSON) -> None:
    """Notes what is wrong with a text input of a modal."""
    _check_id(form, path, entry)
    form.length((*path, "label"), entry.get("label"), 45)
    form.length((*path, "placeholder"), entry.get("placeholder"), 100)
    form.length((*path, "value"), entry.get("value"), 4000)
    if entry.get("style") not in (1, 2):
        form.wrong((*path, "style"), "BASE_TYPE_CHOICES", "Value must be one of (1, 2).")
