/* Overlays: dialogs, menus, prompts, help, log, jobs: things on top of the panes. A stack owned by the app; the top one
 * gets the input. An overlay is opened with its own private state and closes itself through app_close_overlay. UI
 * thread. */
#ifndef WEIR_TUI_OVERLAY_H
#define WEIR_TUI_OVERLAY_H
#include "backend/base/buf.h"
#include "tui/action.h"
#include "tui/canvas.h"
#include "tui/event.h"
#include "tui/keymap.h"
#include <stdbool.h>

struct app;
struct overlay {
    const struct overlay_ops *ops;
    struct app *app;
    void *state; /* owned; freed by ops->close */
};
struct overlay_ops {
    const char *name;
    enum keymap_context context;
    const enum action *footer;
    bool takes_text; /* keys go to key() before the keymap (prompts, forms, editors) */
    bool (*key)(struct overlay *overlay, const struct event *event); /* true: taken */
    bool (*act)(struct overlay *overlay, enum action action);
    bool (*changed)(struct overlay *overlay);
    void (*draw)(struct overlay *overlay, struct canvas *canvas, struct rect body);
    void (*close)(struct overlay *overlay);
};

/* Ready-made ones; each copies what it is given. done is called once, on the UI thread; cancelled dialogs call nothing.
 */
struct confirm_options {
    const char *title;       /* "Delete object" */
    const char *object;      /* what is named, raw text */
    const char *consequence; /* "versions stay; a delete marker is added" */
    const char *must_type;   /* in a PROD profile: the name to type; NULL: Enter does not confirm either, 'y' does */
    void (*done)(void *context);
    void *context;
    void (*free_context)(void *context); /* called when it closes either way; NULL: nothing */
};
void overlay_confirm(struct app *app, const struct confirm_options *options);
/* One line of input by GNU readline inside the screen; prompts with history file, completion and inputrc. done(text) on
 * Enter. */
struct prompt_options {
    const char *label; /* ":" or "filter " */
    const char *initial;
    const char *history; /* name of its history file; NULL: none */
    char **(*complete)(struct app *app, const char *line, int start,
                       int end);                                       /* malloc'ed NULL-ended candidates; NULL: none */
    void (*changed)(struct app *app, void *context, const char *text); /* live, on every change (filter) */
    void (*done)(struct app *app, void *context, const char *text);
    void (*cancelled)(struct app *app, void *context);
    void *context;
};
void overlay_prompt(struct app *app, const struct prompt_options *options);
/* A menu of lines; done(index). */
struct menu_options {
    const char *title;
    const char *const *lines;
    const char *const *notes; /* right column, dim; may be NULL */
    const bool *is_off;       /* lines that are shown greyed and cannot be chosen; NULL: none */
    int count, selected;
    bool is_searchable;                                       /* typing narrows (palette) */
    void (*moved)(struct app *app, void *context, int index); /* live preview (themes); NULL: none */
    void (*done)(struct app *app, void *context, int index);
    void (*cancelled)(struct app *app, void *context);
    void *context;
    void (*free_context)(void *context); /* called when it closes either way; NULL: nothing */
};
void overlay_menu(struct app *app, const struct menu_options *options);
/* A scrolling text (JSON, policy, a whole cell): raw bytes, searchable with '/'. */
void overlay_pager(struct app *app, const char *title, const char *bytes, size_t len);
/* The same over a view already filled (fields, sections; widget/textview.h); takes it over. */
struct textview;
void overlay_pager_view(struct app *app, const char *title, struct textview *view);
/* Fields to fill in (widget/form.h): done(values by field id) on Enter once all fields are valid. The rows and their
 * texts are copied. */
struct form;
struct form_field;
struct form_options {
    const char *title, *note; /* note: a line above the fields, NULL: none */
    const char *accept;       /* what Enter does: "download" */
    const struct form_field *fields;
    void (*done)(struct app *app, void *context, const struct form *form); /* read with form_text(form, "path") */
    void *context;
    void (*free_context)(void *context); /* called when it closes either way; NULL: nothing */
};
void overlay_form(struct app *app, const struct form_options *options);
void overlay_help(struct app *app);
void overlay_log(struct app *app);
void overlay_jobs(struct app *app);
void overlay_palette(struct app *app);
void overlay_copy(struct app *app); /* the focused pane's copy_items */
#endif
