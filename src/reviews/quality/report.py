"""The quality report as a page that needs nothing but itself."""

from collections.abc import Iterable
from html import escape
from typing import Any

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 62rem; padding: 0 1rem;
       color: #1b1f24; background: #fff; }
table { border-collapse: collapse; width: 100%; margin-bottom: 2rem; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid #d8dee4;
         overflow-wrap: anywhere; }
.Success { color: #116329; } .Failure, .Error { color: #a40e26; font-weight: 600; }
"""


def page(report: dict[str, Any]) -> str:
    """Return the report as HTML."""
    status = report["check"]["status"]
    rejects = report["rejects"]
    parts = [
        "<!doctype html><html lang='en'><meta charset='utf-8'><title>Quality of reviews</title>",
        f"<style>{STYLE}</style><h1>Quality of reviews</h1>",
        f"<p>{escape(report['check']['name'])}: <span class='{escape(status)}'>{escape(status)}"
        f"</span>. {rejects['rows']} rows were read, {rejects['rejected']} refused "
        f"({rejects['share']:.2%}, the limit is {rejects['limit']:.2%}).</p>",
        "<h2>Constraints</h2>",
        table(
            ("Constraint", "Status", "Message"),
            (
                (c["constraint"], c["constraint_status"], c["constraint_message"])
                for c in report["check"]["constraints"]
            ),
        ),
        "<h2>Metrics</h2>",
        table(
            ("Metric", "Of", "Value"),
            ((m["name"], m["instance"], figure(m["value"])) for m in report["metrics"]),
        ),
        "<h2>Refused rows</h2>",
        table(("Reason", "Rows"), rejects["reasons"].items()),
        "<h2>Constraints to consider</h2>",
        table(
            ("Column", "Suggestion", "Now"),
            (
                (s["column_name"], s["description"], s["current_value"])
                for s in report["suggestions"]
            ),
        ),
        "</html>",
    ]
    return "\n".join(parts)


def figure(value: float | None) -> str:
    """Return a metric with six digits, a dash where it is not defined."""
    return "–" if value is None else f"{value:.6g}"


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Return a table; a cell that is a status has its color."""
    lines = ["<table><tr>", *(f"<th>{escape(name)}</th>" for name in head), "</tr>"]
    for row in rows:
        lines.append("<tr>")
        for cell in map(str, row):
            kind = f" class='{cell}'" if cell in {"Success", "Failure"} else ""
            lines.append(f"<td{kind}>{escape(cell)}</td>")
        lines.append("</tr>")
    return "".join([*lines, "</table>"])
