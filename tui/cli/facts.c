/* Facts about one thing. */
#include "tui/cli/facts.h"
#include "backend/base/json.h"
#include "backend/base/text.h"
#include "tui/cli/output.h"
#include <stdlib.h>
#include <string.h>

void facts_add(struct facts *facts, const char *name, enum value_kind kind, struct value value)
{
    if (facts->count == FACTS_MAX)
        return;
    int i = facts->count++;
    snprintf(facts->item[i].name, sizeof facts->item[i].name, "%s", name);
    facts->item[i].kind = kind;
    facts->item[i].value = value;
    facts->item[i].text = NULL;
    if (value.text) {
        facts->item[i].text = malloc(value.len + 1);
        memcpy(facts->item[i].text, value.text, value.len);
        facts->item[i].text[value.len] = '\0';
        facts->item[i].value.text = facts->item[i].text;
    }
}

void facts_text(struct facts *facts, const char *name, const char *text)
{
    facts_add(facts, name, VALUE_TEXT, text && *text ? value_text(text) : value_state(VALUE_NONE));
}

static void print_lines(const struct facts *facts)
{
    int width = 0;
    for (int i = 0; i < facts->count; i++) {
        int len = (int)strlen(facts->item[i].name);
        width = len > width ? len : width;
    }
    for (int i = 0; i < facts->count; i++) {
        struct buf text = BUF_INIT(1024 * 1024), name = BUF_INIT(1024);
        text_clean(facts->item[i].name, strlen(facts->item[i].name), &name);
        value_format(&facts->item[i].value, facts->item[i].kind, clock_wall(&clock_system), &text);
        printf("%-*s  %s\n", width, buf_text(&name), buf_text(&text));
        buf_done(&text);
        buf_done(&name);
    }
}

static void json_fact(const struct value *value, enum value_kind kind, struct buf *out)
{
    char time[TEXT_SHORT];
    if (value->state != VALUE_KNOWN)
        buf_puts(out, "null");
    else if (kind == VALUE_TEXT)
        json_write_string(value->text, value->len, out);
    else if (kind == VALUE_BOOL)
        buf_puts(out, value->number ? "true" : "false");
    else if (kind == VALUE_TIME || kind == VALUE_AGE)
        buf_printf(out, "\"%s\"", text_time(value->number, time));
    else
        buf_printf(out, "%lld", (long long)value->number);
}

static void print_json(const struct facts *facts)
{
    struct buf out = BUF_INIT(4 * 1024 * 1024);
    for (int i = 0; i < facts->count; i++) {
        buf_puts(&out, i ? ", " : "{");
        json_write_string(facts->item[i].name, strlen(facts->item[i].name), &out);
        buf_puts(&out, ": ");
        json_fact(&facts->item[i].value, facts->item[i].kind, &out);
    }
    buf_puts(&out, "}\n");
    fputs(buf_text(&out), stdout);
    buf_done(&out);
}

void facts_print(struct cli *cli, struct facts *facts)
{
    if (output_is_json(cli))
        print_json(facts);
    else
        print_lines(facts);
    for (int i = 0; i < facts->count; i++)
        free(facts->item[i].text);
    facts->count = 0;
}
