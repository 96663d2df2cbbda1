"""What the user can do, declared once: the key, the footer's word, the palette's and the help's sentence.

A `Command` becomes a Textual binding; the key line, the palette and the help are all read off the bindings that are
active at that moment, so they cannot disagree with the keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

from textual.app import App
from textual.binding import ActiveBinding, Binding, BindingType
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.containers import ScrollableContainer
from textual.dom import DOMNode
from textual.screen import Screen

HERE, EVERYWHERE = "Here", "Everywhere"
"""Titles of the groups of what the screen and what the whole program offers."""
_PLUMBING = {
    binding.action
    for theirs in (App, Screen, ScrollableContainer)
    for binding in Binding.make_bindings(theirs.BINDINGS)
}
"""Textual's own bindings for moving the focus, scrolling and quitting; ours stand for them."""


@dataclass(frozen=True, slots=True)
class Command:
    """One thing the user can do in one place.

    `id` names it in the user's keymap (`trips.new`); `keys` are Textual's key names, comma separated; `action` is the
    name of the `action_...` method; `label` is a word or two for the key line, `help` one sentence.
    """

    id: str
    keys: str
    action: str
    label: str
    help: str = ""
    footer: bool = True
    """Whether the key line shows it."""
    palette: bool = True
    """Whether the command palette offers it; movement is only for the help."""
    display: str | None = None
    """How the key is written, where Textual's own way is odd."""
    priority: bool = False

    def binding(self) -> Binding:
        """The binding of this command."""
        return Binding(
            self.keys,
            self.action,
            self.label,
            show=self.footer,
            key_display=self.display,
            priority=self.priority,
            tooltip=self.help if self.palette else "",
            id=self.id,
        )

    def but(self, **changes: object) -> Command:
        """The same command with another word or key."""
        return replace(self, **changes)  # type: ignore[arg-type]  # dataclasses.replace is not generic over fields


def bindings(commands: Iterable[Command]) -> list[BindingType]:
    """The `BINDINGS` of a screen, widget or app."""
    return [command.binding() for command in commands]


@dataclass(frozen=True, slots=True)
class Offer:
    """A command that can be called now, with all keys that call it."""

    group: str
    keys: tuple[str, ...]
    """As they are written."""
    press: str
    """The first of them, as Textual calls it."""
    label: str
    help: str
    shown: bool
    palette: bool
    enabled: bool
    action: str
    id: str | None
    active: ActiveBinding


def offers(screen: Screen[Any]) -> list[Offer]:
    """What can be done on a screen right now: focused widget, screen, program; each as declared."""
    found: dict[tuple[int, str], Offer] = {}
    nodes: dict[int, DOMNode] = {}
    for key, active in screen.active_bindings.items():
        node, binding, enabled, tooltip = active
        if binding.system or not binding.description or (binding.id is None and binding.action in _PLUMBING):
            continue
        nodes[id(node)] = node
        place = (id(node), binding.action)
        shown = binding.key_display or screen.app.get_key_display(binding)
        if earlier := found.get(place):
            if shown not in earlier.keys:
                found[place] = replace(earlier, keys=(*earlier.keys, shown))
            continue
        found[place] = Offer(
            group=_group(node, binding),
            keys=(shown,),
            press=key,
            label=binding.description,
            help=tooltip or binding.description,
            shown=binding.show,
            palette=bool(tooltip),
            enabled=enabled,
            action=binding.action,
            id=binding.id,
            active=active,
        )
    # Textual puts the commands that the user gave other keys behind all others.
    nearness = {node: (number, _declared(type(nodes[node]))) for number, node in enumerate(nodes)}

    def place_of(offer: Offer) -> tuple[bool, int, int]:
        number, declared = nearness[id(offer.active.node)]
        return offer.group == EVERYWHERE, number, declared.get(offer.action, -1)

    return sorted(found.values(), key=place_of)


@lru_cache(maxsize=64)
def _declared(kind: type[DOMNode]) -> dict[str, int]:
    """The actions of a widget's bindings with their places, those of its bases first."""
    declared = [each for base in reversed(kind.__mro__) for each in base.__dict__.get("BINDINGS", ())]
    actions = dict.fromkeys(binding.action for binding in declared if isinstance(binding, Binding))
    return {action: number for number, action in enumerate(actions)}


def _group(node: DOMNode, binding: Binding) -> str:
    if isinstance(node, App) or (binding.id or "").startswith("app."):
        return EVERYWHERE
    return node.BINDING_GROUP_TITLE or (HERE if isinstance(node, Screen) else "Field")


class PaletteCommands(Provider):
    """The command palette: what is offered on the screen beneath, in its order."""

    def _entries(self) -> list[tuple[str, str, Callable[[], object]]]:
        return [
            (f"{offer.label}  ({offer.keys[0]})", offer.help, partial(self._run, offer))
            for offer in offers(self.screen)
            if offer.palette and offer.enabled
        ]

    async def _run(self, offer: Offer) -> None:
        await self.app.run_action(offer.action, offer.active.node)

    async def discover(self) -> Hits:
        for title, help_text, run in self._entries():
            yield DiscoveryHit(title, run, text=title, help=help_text)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for title, help_text, run in self._entries():
            score = max(matcher.match(title), matcher.match(help_text) * 0.8)
            if score > 0:
                yield Hit(score, matcher.highlight(title), run, text=title, help=help_text)
