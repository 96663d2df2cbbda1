"""The yardstick of `bench.startup`: the least a Textual program with a table of 1,000 rows can be."""

from textual.app import App, ComposeResult
from textual.widgets import DataTable, Footer, Header

COLUMNS = ("Name", "Destination", "Dates", "Countdown", "Status", "Cost")


class Bare(App[None]):
    """Header, a DataTable of 1,000 x 6 and a Footer."""

    def compose(self) -> ComposeResult:
        yield Header()
        yield DataTable()
        yield Footer()

    def on_mount(self) -> None:
        table: DataTable[str] = self.query_one(DataTable)
        table.add_columns(*COLUMNS)
        table.add_rows([[f"{column} {row:04}" for column in COLUMNS] for row in range(1000)])


if __name__ == "__main__":
    Bare().run()
