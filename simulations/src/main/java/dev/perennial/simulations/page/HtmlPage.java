package dev.perennial.simulations.page;

import java.nio.file.Path;

/** What the pages of reports have in common: they need nothing from elsewhere, and are read in light and in dark. */
public final class HtmlPage {
    private static final String STYLE = """
            :root { color-scheme: light dark; --ink: #1c1c1c; --paper: #fff; --line: #d5d5d5; --faint: #666; --bar: #a9b4bf; }
            @media (prefers-color-scheme: dark) {
              :root { --ink: #e8e8e8; --paper: #161616; --line: #3a3a3a; --faint: #a0a0a0; --bar: #5d6872; } }
            body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 70rem;
                   margin: 2rem auto; padding: 0 1rem; }
            table { border-collapse: collapse; margin: 1rem 0; } .wide, pre { overflow-x: auto; }
            th, td { padding: .25rem .6rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
            th:first-child, td:first-child { text-align: left; } tr.default td { font-weight: 600; }
            svg text { fill: var(--faint); font-size: 12px; } svg .name { fill: var(--ink); } .grid { stroke: var(--line); }
            figure { margin: 1.5rem 0; } figcaption { font-weight: 600; } figure > svg { width: 100%; max-width: 54rem; }
            .bar { fill: var(--bar); } .bar.default { fill: #0072b2; }
            .maps { display: grid; grid-template-columns: repeat(auto-fill, minmax(19rem, 1fr)); gap: 1rem; }
            .maps svg { width: 100%; } .maps .cell { font-size: 10px; fill: var(--ink); }
            p.note { color: var(--faint); }
            """;

    private HtmlPage() {}

    /** @param body as HTML */
    public static String document(String title, String body) {
        return "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>" + escaped(title)
                + "</title>\n<style>\n" + STYLE + "</style></head>\n<body>\n" + body + "</body></html>\n";
    }

    /** The page beside a report: its name with {@code .html} for {@code .json}. */
    public static Path beside(Path report) {
        String name = report.getFileName().toString();
        return report.resolveSibling((name.endsWith(".json") ? name.substring(0, name.length() - 5) : name) + ".html");
    }

    public static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
