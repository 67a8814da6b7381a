/* Form fields, their checks and drawing. Each kind of field is a row of form_kinds. UI thread. */
#include "tui/widget/form.h"
#include "backend/base/arena.h"
#include "backend/base/text.h"
#include "tui/widget/edit.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { FORM_ARENA_MAX = 1 << 20, FORM_CHOICES_MAX = 256 };
struct field {
    struct form_field spec;
    struct edit *edit; /* text and number */
    int choice;        /* choice and bool: index */
    int choices;
    char why[128]; /* what is wrong; "" nothing known */
};
struct form {
    struct arena *arena;
    struct field fields[FORM_FIELDS_MAX];
    int count, focus, label_width;
    unsigned changes;
};

static const char *const yes_no[] = {"no", "yes", NULL};

struct form_kind_ops {
    bool has_text;
    bool (*check)(struct field *field);
};
static bool check_text(struct field *field);
static bool check_number(struct field *field);
static const struct form_kind_ops form_kinds[] = {
    [FORM_TEXT] = {.has_text = true, .check = check_text},
    [FORM_NUMBER] = {.has_text = true, .check = check_number},
    [FORM_CHOICE] = {.has_text = false},
    [FORM_BOOL] = {.has_text = false},
};

static const char *field_text(const struct field *field)
{
    return form_kinds[field->spec.kind].has_text ? edit_text(field->edit)
           : field->choices > 0                  ? field->spec.choices[field->choice]
                                                 : "";
}

static bool complain(struct field *field, const char *why)
{
    snprintf(field->why, sizeof field->why, "%s", why);
    return false;
}

static bool check_text(struct field *field)
{
    const char *text = edit_text(field->edit);
    return *text || !field->spec.is_required || complain(field, "must not be empty");
}

static bool check_number(struct field *field)
{
    const char *text = edit_text(field->edit);
    if (!*text)
        return check_text(field);
    char *end;
    double value = strtod(text, &end);
    end += strspn(end, " ");
    if (end == text || *end || !isfinite(value))
        return complain(field, "must be a number");
    if (field->spec.is_integer && value != floor(value))
        return complain(field, "must be a whole number");
    bool is_bounded = field->spec.min != 0 || field->spec.max != 0;
    if (is_bounded && (value < field->spec.min || value > field->spec.max)) {
        snprintf(field->why, sizeof field->why, "must be from %g to %g", field->spec.min, field->spec.max);
        return false;
    }
    return true;
}

static const char *keep(struct form *form, const char *text)
{
    return text ? arena_strdup(form->arena, text) : NULL;
}

static void set_value(struct field *field, const char *text)
{
    field->why[0] = '\0';
    if (form_kinds[field->spec.kind].has_text) {
        edit_set(field->edit, text ? text : "");
        return;
    }
    for (int i = 0; text && i < field->choices; i++) {
        if (strcasecmp(field->spec.choices[i], text) == 0)
            field->choice = i;
    }
}

static void add_field(struct form *form, const struct form_field *spec)
{
    struct field *field = &form->fields[form->count++];
    field->spec = *spec;
    field->spec.id = keep(form, spec->id);
    field->spec.label = keep(form, spec->label);
    field->spec.help = keep(form, spec->help);
    field->spec.unit = keep(form, spec->unit);
    const char *const *choices = spec->kind == FORM_BOOL ? yes_no : spec->choices;
    while (choices && choices[field->choices] && field->choices < FORM_CHOICES_MAX)
        field->choices++;
    const char **own = ARENA_ARRAY(form->arena, const char *, (size_t)field->choices + 1);
    for (int i = 0; i < field->choices; i++)
        own[i] = keep(form, choices[i]);
    field->spec.choices = own;
    field->edit = form_kinds[spec->kind].has_text ? edit_new() : NULL;
    set_value(field, spec->initial);
    int width = text_width(spec->label, strlen(spec->label));
    form->label_width = width > form->label_width ? width : form->label_width;
}

struct form *form_new(const struct form_field *fields)
{
    struct form *form = calloc(1, sizeof *form);
    if (!form)
        abort();
    form->arena = arena_new(FORM_ARENA_MAX);
    for (; fields->id && form->count < FORM_FIELDS_MAX; fields++)
        add_field(form, fields);
    return form;
}

void form_free(struct form *form)
{
    if (!form)
        return;
    for (int i = 0; i < form->count; i++)
        edit_free(form->fields[i].edit);
    arena_free(form->arena);
    free(form);
}

static bool check_field(struct field *field)
{
    field->why[0] = '\0';
    bool (*check)(struct field * field) = form_kinds[field->spec.kind].check;
    if (check && !check(field))
        return false;
    return !field->spec.check || field->spec.check(field_text(field), field->why, sizeof field->why);
}

bool form_check(struct form *form)
{
    int wrong = -1;
    for (int i = form->count - 1; i >= 0; i--)
        wrong = check_field(&form->fields[i]) ? wrong : i;
    if (wrong >= 0)
        form->focus = wrong;
    return wrong < 0;
}

static void move_focus(struct form *form, int by)
{
    check_field(&form->fields[form->focus]); /* what is left behind wrong says so at once */
    form->focus = (form->focus + by + form->count) % form->count;
}

static bool turn_choice(struct form *form, struct field *field, int by)
{
    if (form_kinds[field->spec.kind].has_text || field->choices == 0)
        return false;
    field->choice = (field->choice + by + field->choices) % field->choices;
    form->changes++;
    return true;
}

bool form_key(struct form *form, const struct event *event)
{
    if (form->count == 0)
        return false;
    struct field *field = &form->fields[form->focus];
    const struct key key = event->key;
    if (event->kind == EVENT_KEY && (key.code == NAMED_TAB || key.code == NAMED_DOWN || key.code == NAMED_UP)) {
        move_focus(form, key.code == NAMED_UP || key.mods & MOD_SHIFT ? -1 : 1);
        return true;
    }
    if (!form_kinds[field->spec.kind].has_text) {
        bool forward = key.code == NAMED_RIGHT || key.code == NAMED_SPACE || key.code == ' ' || key.code == 'l';
        bool backward = key.code == NAMED_LEFT || key.code == 'h';
        return event->kind == EVENT_KEY && (forward || backward) && turn_choice(form, field, forward ? 1 : -1);
    }
    if (!edit_key(field->edit, event))
        return false;
    field->why[0] = '\0';
    form->changes++;
    return true;
}

static const struct field *find(const struct form *form, const char *id)
{
    for (int i = 0; i < form->count; i++) {
        if (strcmp(form->fields[i].spec.id, id) == 0)
            return &form->fields[i];
    }
    return NULL;
}

const char *form_text(const struct form *form, const char *id)
{
    const struct field *field = find(form, id);
    return field ? field_text(field) : "";
}

double form_number(const struct form *form, const char *id)
{
    return strtod(form_text(form, id), NULL);
}

bool form_bool(const struct form *form, const char *id)
{
    return strcmp(form_text(form, id), "yes") == 0;
}

void form_set(struct form *form, const char *id, const char *text)
{
    struct field *field = (struct field *)find(form, id);
    if (!field)
        return;
    set_value(field, text);
    form->changes++;
}

const char *form_focus(const struct form *form)
{
    return form->count > 0 ? form->fields[form->focus].spec.id : "";
}

unsigned form_changes(const struct form *form)
{
    return form->changes;
}

int form_rows(const struct form *form)
{
    return form->count * 2;
}

static void draw_choice(const struct field *field, struct canvas *canvas, struct rect rect, bool has_focus)
{
    int col = rect.col, end = rect.col + rect.cols;
    for (int i = 0; i < field->choices && col < end; i++) {
        bool is_chosen = i == field->choice;
        col +=
            canvas_puts(canvas, rect.row, col, end - col, is_chosen ? ROLE_accent : ROLE_dim, is_chosen ? "● " : "○ ");
        int used =
            canvas_puts(canvas, rect.row, col, end - col, is_chosen ? ROLE_strong : ROLE_dim, field->spec.choices[i]);
        if (is_chosen && has_focus)
            canvas_attrs(canvas, (struct rect){.row = rect.row, .col = col, .rows = 1, .cols = used}, CELL_REVERSE);
        col += used + 2;
    }
}

static void draw_field(struct form *form, int index, struct canvas *canvas, struct rect rect, bool has_focus)
{
    struct field *field = &form->fields[index];
    int col = rect.col + form->label_width + 2, cols = rect.cols - form->label_width - 2;
    canvas_puts(canvas, rect.row, rect.col, form->label_width, has_focus ? ROLE_accent : ROLE_label, field->spec.label);
    int unit = field->spec.unit ? (int)strlen(field->spec.unit) + 1 : 0;
    struct rect value = {.row = rect.row, .col = col, .rows = 1, .cols = cols - unit};
    if (!form_kinds[field->spec.kind].has_text)
        draw_choice(field, canvas, value, has_focus);
    else
        edit_draw(field->edit, canvas, rect.row, col, value.cols, has_focus);
    if (unit > 0)
        canvas_puts(canvas, rect.row, col + value.cols + 1, unit, ROLE_dim, field->spec.unit);
    if (rect.rows < 2)
        return;
    if (field->why[0])
        canvas_printf(canvas, rect.row + 1, col, cols, ROLE_error, "! %s", field->why);
    else if (has_focus && field->spec.help)
        canvas_puts(canvas, rect.row + 1, col, cols, ROLE_dim, field->spec.help);
}

void form_draw(struct form *form, struct canvas *canvas, struct rect rect, bool has_focus)
{
    bool is_loose = rect.rows >= form_rows(form); /* a line of help under each, when there is room */
    int step = is_loose ? 2 : 1, fit = rect.rows / step;
    int first = fit > 0 && form->focus >= fit ? form->focus - fit + 1 : 0;
    for (int i = first; i < form->count && i - first < fit; i++) {
        struct rect line = {.row = rect.row + (i - first) * step, .col = rect.col, .rows = step, .cols = rect.cols};
        draw_field(form, i, canvas, line, has_focus && i == form->focus);
    }
}
