/* Forms: labelled fields with a focus ring and a sentence under the field that is wrong. Dialogs use it; knows no
 * domain. UI thread. */
#ifndef WEIR_TUI_WIDGET_FORM_H
#define WEIR_TUI_WIDGET_FORM_H
#include "tui/canvas.h"
#include "tui/event.h"
#include <stdbool.h>

enum form_kind { FORM_TEXT, FORM_NUMBER, FORM_CHOICE, FORM_BOOL };
struct form_field {
    const char *id, *label, *help; /* help: dim, beside or under the field in focus; NULL: none */
    enum form_kind kind;
    const char *initial;        /* text; the choice's own text; "yes" or "no"; NULL: empty, first, no */
    const char *const *choices; /* FORM_CHOICE: ends with NULL */
    const char *unit;           /* drawn behind a number; NULL: none */
    double min, max;            /* FORM_NUMBER, inclusive; both 0: any */
    bool is_integer, is_required;
    /* More than the kind asks: false with a sentence in why. NULL: nothing more. */
    bool (*check)(const char *text, char *why, size_t size);
};
enum { FORM_FIELDS_MAX = 32 };
struct form;
/* Copies rows and texts; fields end with .id = NULL. */
struct form *form_new(const struct form_field *fields);
void form_free(struct form *form); /* NULL is fine */
/* Keys and pastes of a field, Tab, Shift-Tab, Up and Down between fields, Left, Right and Space on a choice. */
bool form_key(struct form *form, const struct event *event);
/* Checks every field; false: the first wrong one has the focus and says why. */
bool form_check(struct form *form);
int form_rows(const struct form *form); /* rows that it takes when drawn */
void form_draw(struct form *form, struct canvas *canvas, struct rect rect, bool has_focus);
/* "" / 0 / false when there is no such field. */
const char *form_text(const struct form *form, const char *id);
double form_number(const struct form *form, const char *id);
bool form_bool(const struct form *form, const char *id);
/* Replaces a field's value (prefill, what-if); its complaint is taken back. */
void form_set(struct form *form, const char *id, const char *text);
const char *form_focus(const struct form *form); /* id of the field in focus */
/* Counts up with every change of a value. */
unsigned form_changes(const struct form *form);
#endif
