/* Numbers and bytes: bit counts, shifts, bases, checksums, byte orders, division by zero. Source: Trino documentation,
 * "Bitwise functions", "Binary functions and operators", "Mathematical functions"; xxHash specification (XXH64). */
#include "backend/base/digest.h"
#include "backend/sql/sqlfn.h"
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool not_zero(struct sqlfn_call *call)
{
    call->out.number = call->args[0].number;
    return call->out.number != 0 || sqlfn_fail(call, "DIVISION_BY_ZERO", "Division by zero");
}

/* Raises the error that its text names ("NAME: text"); the result has the type of NULL and fits anywhere. */
static bool raise(struct sqlfn_call *call)
{
    char name[sizeof call->err->service_code];
    const struct sqlfn_value *text = &call->args[0];
    const char *colon = memchr(text->bytes, ':', text->len);
    size_t len = colon ? (size_t)(colon - text->bytes) : 0;
    snprintf(name, sizeof name, "%.*s", len < sizeof name ? (int)len : 0, text->bytes);
    size_t skip = colon ? len + 2 : 0;
    return sqlfn_fail(call, name, "%.*s", (int)(text->len > skip ? text->len - skip : 0), text->bytes + skip);
}

static bool bit_count(struct sqlfn_call *call)
{
    int64_t value = call->args[0].number, bits = call->args[1].number;
    if (bits < 2 || bits > 64)
        return sqlfn_fail(call, "INVALID_FUNCTION_ARGUMENT",
                          "Bits specified in bit_count must be between 2 and 64, got %lld", (long long)bits);
    if (bits < 64 && (value >= (INT64_C(1) << (bits - 1)) || value < -(INT64_C(1) << (bits - 1))))
        return sqlfn_fail(call, "INVALID_FUNCTION_ARGUMENT",
                          "Number must be representable with the bits specified. %lld can "
                          "not be represented with %lld bits",
                          (long long)value, (long long)bits);
    uint64_t mask = bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
    call->out.number = __builtin_popcountll((uint64_t)value & mask);
    return true;
}

static bool left_shift(struct sqlfn_call *call)
{
    int64_t by = call->args[1].number;
    call->out.number = by >= 64 || by < 0 ? 0 : (int64_t)((uint64_t)call->args[0].number << by);
    return true;
}

static bool left_shift_32(struct sqlfn_call *call)
{
    int64_t by = call->args[1].number;
    call->out.number = by >= 32 || by < 0 ? 0 : (int32_t)((uint32_t)call->args[0].number << by);
    return true;
}

static bool right_shift(struct sqlfn_call *call)
{
    int64_t by = call->args[1].number;
    call->out.number = by >= 64 || by < 0 ? 0 : (int64_t)((uint64_t)call->args[0].number >> by);
    return true;
}

static bool right_shift_arithmetic(struct sqlfn_call *call)
{
    int64_t by = call->args[1].number;
    call->out.number = call->args[0].number >> (by >= 64 || by < 0 ? 63 : by);
    return true;
}

static bool check_radix(struct sqlfn_call *call, int64_t radix)
{
    return (radix >= 2 && radix <= 36) ||
           sqlfn_fail(call, "INVALID_FUNCTION_ARGUMENT", "Radix must be between 2 and 36");
}

static bool to_base(struct sqlfn_call *call)
{
    int64_t value = call->args[0].number, radix = call->args[1].number;
    char digits[70];
    size_t at = sizeof digits;
    if (!check_radix(call, radix))
        return false;
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do
        digits[--at] = "0123456789abcdefghijklmnopqrstuvwxyz"[rest % (uint64_t)radix];
    while (rest /= (uint64_t)radix);
    if (value < 0)
        digits[--at] = '-';
    return buf_append(call->text, digits + at, sizeof digits - at);
}

static bool from_base(struct sqlfn_call *call)
{
    char text[80], *end;
    size_t len = call->args[0].len;
    if (!check_radix(call, call->args[1].number))
        return false;
    snprintf(text, sizeof text, "%.*s", len > 79 ? 79 : (int)len, call->args[0].bytes);
    call->out.number = strtoll(text, &end, (int)call->args[1].number);
    return (len && !*end && !isspace((unsigned char)*text)) ||
           sqlfn_fail(call, "INVALID_FUNCTION_ARGUMENT", "Not a valid base-%lld number: %s",
                      (long long)call->args[1].number, text);
}

static bool cube_root(struct sqlfn_call *call)
{
    call->out.real = (double)cbrtl(call->args[0].real); /* cbrt(27) is not 3 in every libm */
    return true;
}

static bool normal_cdf(struct sqlfn_call *call)
{
    double mean = call->args[0].real, deviation = call->args[1].real, value = call->args[2].real;
    if (!(deviation > 0))
        return sqlfn_fail(call, "INVALID_FUNCTION_ARGUMENT", "standardDeviation must be > 0");
    call->out.real = 0.5 * erfc(-(value - mean) / (deviation * M_SQRT2));
    return true;
}

/* --- checksums --- */
static bool crc32(struct sqlfn_call *call)
{
    uint8_t sum[DIGEST_MAX];
    digest_of(DIGEST_CRC32, call->args[0].bytes, call->args[0].len, sum);
    call->out.number = (int64_t)sum[0] << 24 | (int64_t)sum[1] << 16 | (int64_t)sum[2] << 8 | sum[3];
    return true;
}

/* weir_hmac('SHA1', message, key) */
static bool hmac(struct sqlfn_call *call)
{
    const struct sqlfn_value *text = &call->args[1], *key = &call->args[2];
    uint8_t sum[64];
    char name[16];
    snprintf(name, sizeof name, "%.*s", (int)call->args[0].len, call->args[0].bytes);
    size_t size = hmac_by_name(name, key->bytes, key->len, text->bytes, text->len, sum);
    return size ? buf_append(call->text, sum, size)
                : sqlfn_fail(call, "NOT_SUPPORTED", "HMAC with %s is not supported", name);
}

static bool sha512(struct sqlfn_call *call)
{
    uint8_t sum[64];
    digest_sha512(call->args[0].bytes, call->args[0].len, sum);
    return buf_append(call->text, sum, sizeof sum);
}

#define P1 0x9E3779B185EBCA87ULL
#define P2 0xC2B2AE3D27D4EB4FULL
#define P3 0x165667B19E3779F9ULL
#define P4 0x85EBCA77C2B2AE63ULL
#define P5 0x27D4EB2F165667C5ULL

static uint64_t rotate(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

static uint64_t read64(const uint8_t *p)
{
    uint64_t x = 0;
    for (int i = 7; i >= 0; i--)
        x = x << 8 | p[i];
    return x;
}

static uint64_t round64(uint64_t acc, uint64_t input)
{
    return rotate(acc + input * P2, 31) * P1;
}

static uint64_t xxh64(const uint8_t *p, size_t len)
{
    const uint8_t *end = p + len;
    uint64_t hash = P5;
    if (len >= 32) {
        uint64_t lanes[4] = {P1 + P2, P2, 0, 0 - P1};
        for (; end - p >= 32; p += 32)
            for (int i = 0; i < 4; i++)
                lanes[i] = round64(lanes[i], read64(p + 8 * i));
        hash = rotate(lanes[0], 1) + rotate(lanes[1], 7) + rotate(lanes[2], 12) + rotate(lanes[3], 18);
        for (int i = 0; i < 4; i++)
            hash = (hash ^ round64(0, lanes[i])) * P1 + P4;
    }
    hash += len;
    for (; end - p >= 8; p += 8)
        hash = rotate(hash ^ round64(0, read64(p)), 27) * P1 + P4;
    if (end - p >= 4) {
        uint64_t word = p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24;
        hash = rotate(hash ^ word * P1, 23) * P2 + P3;
        p += 4;
    }
    for (; p < end; p++)
        hash = rotate(hash ^ *p * P5, 11) * P1;
    hash = (hash ^ hash >> 33) * P2;
    hash = (hash ^ hash >> 29) * P3;
    return hash ^ hash >> 32;
}

static bool put_big_endian(struct sqlfn_call *call, uint64_t value, int bytes)
{
    for (int i = bytes - 1; i >= 0; i--)
        buf_putc(call->text, (char)(value >> (8 * i)));
    return true;
}

static bool with_xxhash64(struct sqlfn_call *call)
{
    return put_big_endian(call, xxh64((const uint8_t *)call->args[0].bytes, call->args[0].len), 8);
}

static bool to_bytes(struct sqlfn_call *call)
{
    return put_big_endian(call, (uint64_t)call->args[0].number, (int)call->args[1].number);
}

static bool from_bytes(struct sqlfn_call *call)
{
    size_t wanted = (size_t)call->args[1].number;
    uint64_t value = 0;
    if (call->args[0].len != wanted)
        return sqlfn_fail(call, "INVALID_FUNCTION_ARGUMENT", "expected %zu-byte input, but got instead: %zu", wanted,
                          call->args[0].len);
    for (size_t i = 0; i < wanted; i++)
        value = value << 8 | (uint8_t)call->args[0].bytes[i];
    call->out.number = wanted == 4 ? (int32_t)value : (int64_t)value;
    return true;
}

static bool double_bytes(struct sqlfn_call *call)
{
    uint64_t bits;
    memcpy(&bits, &call->args[0].real, sizeof bits);
    return put_big_endian(call, bits, 8);
}

static bool bytes_double(struct sqlfn_call *call)
{
    uint64_t bits = 0;
    if (call->args[0].len != 8)
        return sqlfn_fail(call, "INVALID_FUNCTION_ARGUMENT", "Input floating-point value must be exactly 8 bytes long");
    for (size_t i = 0; i < 8; i++)
        bits = bits << 8 | (uint8_t)call->args[0].bytes[i];
    memcpy(&call->out.real, &bits, sizeof bits);
    return true;
}

static bool substr_bytes(struct sqlfn_call *call)
{
    int64_t size = (int64_t)call->args[0].len, start = call->args[1].number, len = call->args[2].number;
    if (start < 0)
        start = size + start + 1;
    if (start <= 0 || start > size || len <= 0)
        return true;
    if (len > size - start + 1)
        len = size - start + 1;
    return buf_append(call->text, call->args[0].bytes + start - 1, (size_t)len);
}

/* Hive's hashes for buckets: of a text's bytes and of a bigint (an int's is itself). Source: Hive's
 * ObjectInspectorUtils.hashCode. */
static bool hive_hash_text(struct sqlfn_call *call)
{
    uint32_t hash = 0;
    for (size_t i = 0; i < call->args[0].len; i++)
        hash = 31 * hash + (uint32_t)(int32_t)(signed char)call->args[0].bytes[i];
    call->out.number = (int64_t)hash;
    return true;
}

static bool hive_hash_long(struct sqlfn_call *call)
{
    uint64_t bits = (uint64_t)call->args[0].number;
    call->out.number = (int64_t)(uint32_t)(bits ^ bits >> 32);
    return true;
}

const struct sqlfn sqlfn_bytes[] = {
    {.name = "weir_hive_hash_text", .params = "s", .result = 'i', .call = hive_hash_text},
    {.name = "weir_hive_hash_long", .params = "i", .result = 'i', .call = hive_hash_long},
    {.name = "weir_fail", .params = "s", .result = 'n', .call = raise},
    {.name = "weir_not_zero", .params = "i", .result = 'i', .call = not_zero},
    {.name = "weir_bit_count", .params = "ii", .result = 'i', .call = bit_count},
    {.name = "weir_left_shift", .params = "ii", .result = 'i', .call = left_shift},
    {.name = "weir_left_shift_32", .params = "ii", .result = 'i', .call = left_shift_32},
    {.name = "weir_right_shift", .params = "ii", .result = 'i', .call = right_shift},
    {.name = "weir_right_shift_arithmetic", .params = "ii", .result = 'i', .call = right_shift_arithmetic},
    {.name = "weir_to_base", .params = "ii", .result = 's', .call = to_base},
    {.name = "weir_from_base", .params = "si", .result = 'i', .call = from_base},
    {.name = "weir_cbrt", .params = "d", .result = 'd', .call = cube_root},
    {.name = "weir_normal_cdf", .params = "ddd", .result = 'd', .call = normal_cdf},
    {.name = "weir_crc32", .params = "x", .result = 'i', .call = crc32},
    {.name = "weir_hmac", .params = "sxx", .result = 'x', .call = hmac},
    {.name = "weir_sha512", .params = "x", .result = 'x', .call = sha512},
    {.name = "weir_xxhash64", .params = "x", .result = 'x', .call = with_xxhash64},
    {.name = "weir_to_bytes", .params = "ii", .result = 'x', .call = to_bytes},
    {.name = "weir_from_bytes", .params = "xi", .result = 'i', .call = from_bytes},
    {.name = "weir_double_bytes", .params = "d", .result = 'x', .call = double_bytes},
    {.name = "weir_bytes_double", .params = "x", .result = 'd', .call = bytes_double},
    {.name = "weir_substr_bytes", .params = "xii", .result = 'x', .call = substr_bytes},
    {.name = NULL},
};
