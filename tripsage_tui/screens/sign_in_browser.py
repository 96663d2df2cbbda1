"""Signing in with the browser: the address to open anywhere, and what comes back, by itself or pasted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tripsage_tui.commands import Command, bindings
from tripsage_tui.identity.hosted.errors import SignInError
from tripsage_tui.screens.palette import Choices
from tripsage_tui.screens.sign_in_step import Step
from tripsage_tui.widgets.form_text import TextField
from tripsage_tui.widgets.safe_text import clean

if TYPE_CHECKING:
    from tripsage_tui.identity.hosted.oauth import OAuth
    from tripsage_tui.identity.hosted.sign_in import SignIn
    from tripsage_tui.identity.projects import Project

PROVIDERS = {
    "google": "Google",
    "github": "GitHub",
    "azure": "Microsoft",
    "apple": "Apple",
    "gitlab": "GitLab",
    "keycloak": "Keycloak",
}
"""Whom people ask for, by the project's word for them; offered where the project does not say whom it takes."""


class BrowserStep(Step[Any]):
    """Returns the outcome of what the browser brought back."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        (Command("signin.copy", "ctrl+y", "copy_url", "Copy", "Copy the address.", display="^y"),)
    )

    def __init__(self, ways: SignIn, project: Project) -> None:
        super().__init__("Sign in with the browser", "With whom do you sign in?", "enter chooses · esc back")
        self._ways = ways
        self._project = project
        self._oauth: OAuth | None = None

    def compose_fields(self) -> ComposeResult:
        yield Choices(
            *(Option(Content(f" {name}"), id=word) for word, name in PROVIDERS.items()), markup=False, compact=True
        )
        yield Static("", id="browser-url", markup=False)

    def on_mount(self) -> None:
        self.query_one(Choices).focus()
        self.run_worker(self._look_for_providers(), exit_on_error=False)

    async def _look_for_providers(self) -> None:
        """Offer whom the project takes, instead of whom people usually ask for."""
        from tripsage_tui.identity.project_api import providers_of

        names = await providers_of(self._project)
        if names is None or self._oauth is not None or not self.is_mounted:
            return
        choices = self.query_one(Choices)
        choices.clear_options()
        choices.add_options(Option(Content(f" {PROVIDERS.get(name, name.capitalize())}"), id=name) for name in names)
        if names:
            choices.highlighted = 0
        else:
            self.tell("This project takes no accounts of other services: go back and use a password or a code.")

    def on_unmount(self) -> None:
        super().on_unmount()
        if self._oauth is not None:
            self.app.run_worker(self._oauth.close(), exit_on_error=False)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.attempt(self._begin(event.option.id or ""))

    async def _begin(self, provider: str) -> None:
        oauth = await self._ways.start_oauth(provider)
        self._oauth = oauth
        await self.query_one(Choices).remove()
        where = "It comes back by itself, if the browser runs on this computer. Else" if oauth.port else "Then"
        self.query_one(".form-dialog--text", Static).update(
            Content(f"Open this address in any browser. {where} paste the address or the code it ends with here.")
        )
        self.query_one(".form-dialog--keys", Static).update(Content("^y copies the address · enter sends · esc back"))
        self.query_one("#browser-url", Static).update(Content(clean(oauth.url)))
        field = TextField("pasted", "Came back with", hint="address or code", width="full")
        await self.mount(field, after="#browser-url")
        field.target.focus()
        self.tell("")
        if oauth.port:
            self.run_worker(self._wait(oauth), exit_on_error=False)

    async def _wait(self, oauth: OAuth) -> None:
        """The browser came back to this computer."""
        try:
            self.dismiss(await oauth.finished())
        except SignInError as error:
            self.refused(error)

    def complaints(self) -> dict[str, str]:
        pasted = self.fields.get("pasted")
        return (
            {"pasted": "Paste what the browser shows in its address bar."}
            if pasted and not pasted.value.strip()
            else {}
        )

    async def send(self) -> Any:
        if self._oauth is None:
            self.tell("")
            return None
        return await self._oauth.paste(self.fields["pasted"].value.strip())

    def action_copy_url(self) -> None:
        if self._oauth is not None:
            self.app.copy_to_clipboard(self._oauth.url)
            self.tell("Copied.")
