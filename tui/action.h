/* Actions: one X row each. Every key does an action and every action has an id that keymaps, the palette, `:` and help
 * use. Who handles an action: the top overlay, then the focused pane, then the app; the first that takes it. */
#ifndef WEIR_TUI_ACTION_H
#define WEIR_TUI_ACTION_H
#include <stdbool.h>

/* X(id, label for footer and palette, help, changes the platform) */
#define ACTIONS(X)                                                                                                     \
    X(none, "", "unbound", false)                                                                                      \
    X(up, "up", "move up one row", false)                                                                              \
    X(down, "down", "move down one row", false)                                                                        \
    X(left, "left", "move or scroll left", false)                                                                      \
    X(right, "right", "move or scroll right", false)                                                                   \
    X(page_up, "page up", "move up one page", false)                                                                   \
    X(page_down, "page down", "move down one page", false)                                                             \
    X(half_up, "half page up", "move up half a page", false)                                                           \
    X(half_down, "half page down", "move down half a page", false)                                                     \
    X(first, "first", "go to the first row", false)                                                                    \
    X(last, "last", "go to the last row", false)                                                                       \
    X(line_start, "first column", "scroll to the first column", false)                                                 \
    X(line_end, "last column", "scroll to the last column", false)                                                     \
    X(open, "open", "drill in, or accept", false)                                                                      \
    X(back, "back", "close the dialog, clear the filter, or go back", false)                                           \
    X(close, "close", "close this view; asks at the root", false)                                                      \
    X(quit, "quit", "leave weir", false)                                                                               \
    X(cancel, "cancel", "cancel the work that runs; a second press quits", false)                                      \
    X(next, "next pane", "focus the next pane or part", false)                                                         \
    X(prev, "previous pane", "focus the previous pane or part", false)                                                 \
    X(pane_0, "Flow", "focus pane 0", false)                                                                           \
    X(pane_1, "Zones", "focus pane 1", false)                                                                          \
    X(pane_2, "Catalog", "focus pane 2", false)                                                                        \
    X(pane_3, "Query", "focus pane 3", false)                                                                          \
    X(pane_4, "Streams", "focus pane 4", false)                                                                        \
    X(pane_5, "Runs", "focus pane 5", false)                                                                           \
    X(pane_6, "Model", "focus pane 6", false)                                                                          \
    X(pane_7, "Predict", "focus pane 7", false)                                                                        \
    X(zoom, "zoom", "give the pane the whole body, or go back to the dashboard", false)                                \
    X(dashboard, "dashboard", "show all panes", false)                                                                 \
    X(command, "command", "type a command", false)                                                                     \
    X(palette, "palette", "search all actions", false)                                                                 \
    X(filter, "filter", "filter the rows (! inverse, -f fuzzy)", false)                                                \
    X(find_next, "next match", "go to the next match", false)                                                          \
    X(find_prev, "previous match", "go to the previous match", false)                                                  \
    X(sort, "sort", "sort by the next column", false)                                                                  \
    X(sort_reverse, "reverse", "reverse the sort", false)                                                              \
    X(narrower, "narrower", "make the column narrower", false)                                                         \
    X(wider, "wider", "make the column wider", false)                                                                  \
    X(freeze, "freeze", "freeze the columns up to this one", false)                                                    \
    X(mark, "mark", "mark the row", false)                                                                             \
    X(mark_all, "mark all", "mark all rows, or none", false)                                                           \
    X(refresh, "refresh", "fetch this pane again", false)                                                              \
    X(refresh_all, "refresh all", "fetch every pane again", false)                                                     \
    X(pause, "pause", "stop or go on fetching", false)                                                                 \
    X(time_back, "earlier", "step back in time", false)                                                                \
    X(time_forward, "later", "step forward in time", false)                                                            \
    X(time_now, "now", "back to the present", false)                                                                   \
    X(copy, "copy", "copy menu", false)                                                                                \
    X(save, "export", "save or export", false)                                                                         \
    X(describe, "describe", "show the details", false)                                                                 \
    X(raw, "json", "show the raw JSON", false)                                                                         \
    X(edit, "editor", "open in the external editor", false)                                                            \
    X(logs, "logs", "show the log", false)                                                                             \
    X(jobs, "jobs", "show background work", false)                                                                     \
    X(web, "web", "the web console's address", false)                                                                  \
    X(time_format, "times", "ages or times", false)                                                                    \
    X(help, "help", "keys that work here", false)                                                                      \
    X(mouse, "mouse", "mouse on or off", false)                                                                        \
    X(redraw, "redraw", "paint the screen again", false)                                                               \
    X(suspend, "suspend", "stop weir; fg brings it back", false)                                                       \
    X(theme, "theme", "choose a theme", false)                                                                         \
    X(peek, "peek", "show the whole cell", false)                                                                      \
    X(versions, "versions", "versions of the object or of the table", false)                                           \
    X(permissions, "permissions", "the policy that this pane needs", false)                                            \
    X(download, "download", "download to a local file", false)                                                         \
    X(upload, "upload", "upload a local file", true)                                                                   \
    X(remove, "delete", "delete the object", true)                                                                     \
    X(columns, "columns", "the columns of the table", false)                                                           \
    X(partitions, "partitions", "the partitions of the table", false)                                                  \
    X(preview, "preview", "the first rows of the table, by a query", false)                                            \
    X(insert, "insert", "put the name into the query editor", false)                                                   \
    X(location, "location", "go to its place in Zones", false)                                                         \
    X(crawl, "crawl", "run the crawler", true)                                                                         \
    X(crawl_stop, "stop", "stop the crawler", true)                                                                    \
    X(crawl_new, "new crawler", "create a crawler", true)                                                              \
    X(run, "run", "run the selected text or the statement under the cursor", false)                                    \
    X(run_all, "run all", "run every statement of the buffer in order", false)                                         \
    X(estimate, "estimate", "what the statement would scan and cost, without running it", false)                       \
    X(explain, "explain", "the plan of the statement, without running it", false)                                      \
    X(format, "format", "lay the statement out anew", false)                                                           \
    X(history, "history", "queries that ran before, with state, bytes and cost", false)                                \
    X(part, "other part", "focus the editor or the results", false)                                                    \
    X(buffer_new, "new buffer", "open an empty buffer", false)                                                         \
    X(buffer_next, "next buffer", "show the next buffer", false)                                                       \
    X(buffer_prev, "previous buffer", "show the previous buffer", false)                                               \
    X(buffer_close, "close buffer", "close the buffer", false)                                                         \
    X(queries_open, "open query", "open a saved query", false)                                                         \
    X(queries_save, "save query", "save the buffer as a query file", false)                                            \
    X(complete, "complete", "offer what could stand here", false)                                                      \
    X(summary, "summary", "what the column holds: nulls, distinct, range, top values", false)                          \
    X(chart, "chart", "draw the result as a chart", false)                                                             \
    X(undo, "undo", "take the last change of the text back", false)                                                    \
    X(redo, "redo", "do what was taken back again", false)                                                             \
    X(cut, "cut", "cut the selected text", false)                                                                      \
    X(clip, "copy text", "copy the selected text", false)                                                              \
    X(paste, "paste", "insert what was cut or copied last", false)                                                     \
    X(select_all, "select all", "select the whole text", false)                                                        \
    X(replace, "replace", "search and replace, one by one or all", false)                                              \
    X(goto_line, "go to line", "go to a line by its number", false)                                                    \
    X(comment, "comment", "comment the lines, or uncomment them", false)
enum action {
#define X(id, label, help, writes) ACTION_##id,
    ACTIONS(X)
#undef X
        ACTION_COUNT
};
struct action_row {
    const char *id, *label, *help;
    bool writes;
};
extern const struct action_row action_rows[ACTION_COUNT];
/* By id ("page_down"); ACTION_COUNT when unknown. */
enum action action_find(const char *id);
#endif
