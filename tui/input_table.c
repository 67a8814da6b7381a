/* Keys by their bytes: ECMA-48 and xterm finals, the numbered keys of VT220, xterm, rxvt and the Linux console, and the
 * forms CSI u and modifyOtherKeys for what had no sequence before. Pure. */
#include "tui/input_table.h"
#include <stddef.h>

struct final_row {
    char final;
    uint32_t code;
    unsigned mods;
};
static const struct final_row finals[] = {
    {.final = 'A', .code = NAMED_UP},
    {.final = 'B', .code = NAMED_DOWN},
    {.final = 'C', .code = NAMED_RIGHT},
    {.final = 'D', .code = NAMED_LEFT},
    {.final = 'H', .code = NAMED_HOME},
    {.final = 'F', .code = NAMED_END},
    {.final = 'Z', .code = NAMED_TAB, .mods = MOD_SHIFT},
    {.final = 'P', .code = NAMED_F1},
    {.final = 'Q', .code = NAMED_F2},
    {.final = 'R', .code = NAMED_F3},
    {.final = 'S', .code = NAMED_F4},
    {.final = 'a', .code = NAMED_UP, .mods = MOD_SHIFT}, /* rxvt */
    {.final = 'b', .code = NAMED_DOWN, .mods = MOD_SHIFT},
    {.final = 'c', .code = NAMED_RIGHT, .mods = MOD_SHIFT},
    {.final = 'd', .code = NAMED_LEFT, .mods = MOD_SHIFT},
};

struct number_row {
    int number;
    uint32_t code;
};
static const struct number_row numbers[] = {
    {.number = 1, .code = NAMED_HOME}, {.number = 2, .code = NAMED_INSERT}, {.number = 3, .code = NAMED_DELETE},
    {.number = 4, .code = NAMED_END},  {.number = 5, .code = NAMED_PGUP},   {.number = 6, .code = NAMED_PGDN},
    {.number = 7, .code = NAMED_HOME}, {.number = 8, .code = NAMED_END},    {.number = 11, .code = NAMED_F1},
    {.number = 12, .code = NAMED_F2},  {.number = 13, .code = NAMED_F3},    {.number = 14, .code = NAMED_F4},
    {.number = 15, .code = NAMED_F5},  {.number = 17, .code = NAMED_F6},    {.number = 18, .code = NAMED_F7},
    {.number = 19, .code = NAMED_F8},  {.number = 20, .code = NAMED_F9},    {.number = 21, .code = NAMED_F10},
    {.number = 23, .code = NAMED_F11}, {.number = 24, .code = NAMED_F12},
};

static bool key_of_code(int code, struct key *key)
{
    if (code < 0x20 || code == 0x7f || code == ' ') {
        if (input_table_control((unsigned char)code, key))
            return true;
        *key = (struct key){.code = NAMED_ESC};
        return code == 0x1b;
    }
    *key = (struct key){.code = (uint32_t)code};
    return code < 0xd800;
}

bool input_table_csi(char final, const int *params, struct key *key)
{
    if (final == 'u')
        return key_of_code(params[0], key);
    if (final == '~' && params[0] == 27)
        return key_of_code(params[2], key);
    for (size_t i = 0; final == '~' && i < sizeof numbers / sizeof numbers[0]; i++) {
        if (numbers[i].number == params[0]) {
            *key = (struct key){.code = numbers[i].code};
            return true;
        }
    }
    for (size_t i = 0; i < sizeof finals / sizeof finals[0]; i++) {
        if (finals[i].final == final) {
            *key = (struct key){.code = finals[i].code, .mods = finals[i].mods};
            return true;
        }
    }
    return false;
}

bool input_table_control(unsigned char byte, struct key *key)
{
    static const struct {
        unsigned char byte;
        struct key key;
    } named[] = {
        {.byte = 0, .key = {.code = NAMED_SPACE, .mods = MOD_CTRL}},
        {.byte = '\t', .key = {.code = NAMED_TAB}},
        {.byte = '\r', .key = {.code = NAMED_ENTER}},
        {.byte = ' ', .key = {.code = NAMED_SPACE}},
        {.byte = 0x7f, .key = {.code = NAMED_BACKSPACE}},
    };
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
        if (named[i].byte == byte) {
            *key = named[i].key;
            return true;
        }
    }
    if (byte >= 0x20 || byte == 0x1b)
        return false;
    /* Ctrl clears the two upper bits: 1..26 are the letters, 28..31 are \ ] ^ _ */
    *key = (struct key){.code = byte <= 26 ? byte + (uint32_t)'a' - 1 : byte + 0x40u, .mods = MOD_CTRL};
    return true;
}
