/* Digests, HMAC and random bytes by OpenSSL's EVP; CRCs by table, since OpenSSL has none. Pure but for the tables,
 * which are computed once and constant afterwards. Any thread. */
#include "backend/base/digest.h"
#include <endian.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* One row per kind: an OpenSSL name, or the reflected polynomial of a CRC with all ones as initial and final value.
 * CRC-32: IEEE 802.3; CRC-32C: RFC 3720; CRC-64/NVME: NVM Express Command Set 1.0, 5.2.1.3.4. */
static const struct kind_row {
    const char *name, *evp;
    size_t size;
    uint64_t poly;
} kind_rows[DIGEST_KINDS] = {
    [DIGEST_MD5] = {.name = "md5", .evp = "MD5", .size = 16},
    [DIGEST_SHA1] = {.name = "sha1", .evp = "SHA1", .size = 20},
    [DIGEST_SHA256] = {.name = "sha256", .evp = "SHA256", .size = 32},
    [DIGEST_CRC32] = {.name = "crc32", .size = 4, .poly = 0xedb88320},
    [DIGEST_CRC32C] = {.name = "crc32c", .size = 4, .poly = 0x82f63b78},
    [DIGEST_CRC64NVME] = {.name = "crc64nvme", .size = 8, .poly = 0x9a6c9329ac4bc9b5},
};

enum { SLICES = 16 }; /* bytes per step; 32 KiB of table per CRC */
typedef uint64_t crc_table[SLICES][256];

static struct tables {
    EVP_MD *md[DIGEST_KINDS]; /* fetched once: an implicit fetch costs more than hashing a short text */
} tables;
static pthread_once_t tables_once = PTHREAD_ONCE_INIT;
static crc_table crc_tables[DIGEST_KINDS]; /* each is filled when it is first needed */
static pthread_mutex_t crc_lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_bool is_crc_filled[DIGEST_KINDS];

static void die(const char *what)
{
    fprintf(stderr, "weir: OpenSSL cannot do %s\n", what);
    abort();
}

/* "Slicing": table[n][b] is the CRC of byte b followed by n zero bytes (Kounavis and Berry, 2008). A 32-bit CRC simply
 * leaves the upper half of the register empty, so one code serves both widths. */
static void fill_table(crc_table table, uint64_t poly)
{
    for (int byte = 0; byte < 256; byte++) {
        uint64_t crc = (uint64_t)byte;
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ poly : crc >> 1;
        table[0][byte] = crc;
    }
    for (int n = 1; n < SLICES; n++)
        for (int byte = 0; byte < 256; byte++)
            table[n][byte] = table[n - 1][byte] >> 8 ^ table[0][table[n - 1][byte] & 255];
}

static void fill_tables(void)
{
    for (int kind = 0; kind < DIGEST_KINDS; kind++) {
        const struct kind_row *row = &kind_rows[kind];
        if (row->poly)
            continue;
        tables.md[kind] = EVP_MD_fetch(NULL, row->evp, NULL);
        if (!tables.md[kind])
            die(row->name);
    }
}

static crc_table *get_crc(enum digest_kind kind)
{
    if (atomic_load(&is_crc_filled[kind]))
        return &crc_tables[kind];
    pthread_mutex_lock(&crc_lock);
    if (!atomic_load(&is_crc_filled[kind]))
        fill_table(crc_tables[kind], kind_rows[kind].poly);
    atomic_store(&is_crc_filled[kind], true);
    pthread_mutex_unlock(&crc_lock);
    return &crc_tables[kind];
}

static const struct tables *get_tables(void)
{
    pthread_once(&tables_once, fill_tables);
    return &tables;
}

void crypto_start(void)
{
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS, NULL);
}

static uint64_t load_le(const uint8_t *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return le64toh(word);
}

static uint64_t slice_word(const crc_table table, int last, uint64_t word)
{
    uint64_t crc = 0;
    for (int i = 0; i < 8; i++)
        crc ^= table[last - i][word >> 8 * i & 255];
    return crc;
}

static uint64_t crc_update(const crc_table table, uint64_t crc, const uint8_t *bytes, size_t len)
{
    for (; len >= SLICES; bytes += SLICES, len -= SLICES)
        crc = slice_word(table, 15, crc ^ load_le(bytes)) ^ slice_word(table, 7, load_le(bytes + 8));
    for (; len; bytes++, len--)
        crc = crc >> 8 ^ table[0][(crc ^ *bytes) & 255];
    return crc;
}

static uint64_t all_ones(const struct kind_row *row)
{
    return row->size == 8 ? UINT64_MAX : UINT32_MAX;
}

static void store_be(uint64_t value, size_t size, uint8_t *out)
{
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)(value >> 8 * (size - 1 - i));
}

static uint64_t fetch_be(const uint8_t *bytes, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size; i++)
        value = value << 8 | bytes[i];
    return value;
}

struct digest {
    enum digest_kind kind;
    EVP_MD_CTX *context; /* NULL for a CRC */
    uint64_t crc;
};

struct digest *digest_new(enum digest_kind kind)
{
    const struct tables *known = get_tables();
    struct digest *digest = calloc(1, sizeof *digest);
    if (!digest)
        die("more: out of memory");
    digest->kind = kind;
    digest->crc = all_ones(&kind_rows[kind]);
    if (known->md[kind]) {
        digest->context = EVP_MD_CTX_new();
        if (!digest->context || EVP_DigestInit_ex2(digest->context, known->md[kind], NULL) != 1)
            die(kind_rows[kind].name);
    }
    return digest;
}

void digest_update(struct digest *digest, const void *bytes, size_t len)
{
    if (!digest->context)
        digest->crc = crc_update(*get_crc(digest->kind), digest->crc, bytes, len);
    else if (len && EVP_DigestUpdate(digest->context, bytes, len) != 1)
        die(kind_rows[digest->kind].name);
}

size_t digest_end(struct digest *digest, uint8_t out[DIGEST_MAX])
{
    const struct kind_row *row = &kind_rows[digest->kind];
    if (!digest->context)
        store_be(digest->crc ^ all_ones(row), row->size, out);
    else if (EVP_DigestFinal_ex(digest->context, out, NULL) != 1)
        die(row->name);
    digest_free(digest);
    return row->size;
}

void digest_free(struct digest *digest)
{
    if (!digest)
        return;
    EVP_MD_CTX_free(digest->context);
    free(digest);
}

size_t digest_of(enum digest_kind kind, const void *bytes, size_t len, uint8_t out[DIGEST_MAX])
{
    const struct kind_row *row = &kind_rows[kind];
    const struct tables *known = get_tables();
    if (!known->md[kind])
        store_be(crc_update(*get_crc(kind), all_ones(row), bytes, len) ^ all_ones(row), row->size, out);
    else if (EVP_Digest(len ? bytes : "", len, out, NULL, known->md[kind], NULL) != 1)
        die(row->name);
    return row->size;
}

const char *digest_name(enum digest_kind kind)
{
    return kind_rows[kind].name;
}

bool digest_kind_by_name(const char *name, enum digest_kind *kind)
{
    for (int i = 0; i < DIGEST_KINDS; i++) {
        if (strcasecmp(kind_rows[i].name, name) == 0) {
            *kind = (enum digest_kind)i;
            return true;
        }
    }
    return false;
}

size_t digest_size(enum digest_kind kind)
{
    return kind_rows[kind].size;
}

static void hmac(enum digest_kind kind, const void *key, size_t key_len, const void *bytes, size_t len, uint8_t *out)
{
    if (!HMAC(get_tables()->md[kind], key_len ? key : "", (int)key_len, len ? bytes : (const void *)"", len, out, NULL))
        die("HMAC");
}

void hmac_sha256(const void *key, size_t key_len, const void *bytes, size_t len, uint8_t out[32])
{
    hmac(DIGEST_SHA256, key, key_len, bytes, len, out);
}

void hmac_sha1(const void *key, size_t key_len, const void *bytes, size_t len, uint8_t out[20])
{
    hmac(DIGEST_SHA1, key, key_len, bytes, len, out);
}

size_t hmac_by_name(const char *name, const void *key, size_t key_len, const void *bytes, size_t len, uint8_t out[64])
{
    size_t size;
    return EVP_Q_mac(NULL, "HMAC", NULL, name, NULL, key, key_len, bytes, len, out, 64, &size) ? size : 0;
}

void digest_sha512(const void *bytes, size_t len, uint8_t out[64])
{
    if (!EVP_Q_digest(NULL, "SHA512", NULL, bytes, len, out, NULL))
        die("OpenSSL without SHA512");
}

/* Product of two polynomials over GF(2) modulo poly, all in the reflected form where the top bit is x^0. */
static uint64_t multiply(uint64_t a, uint64_t b, uint64_t poly, uint64_t one)
{
    uint64_t product = 0;
    for (uint64_t bit = one; bit; bit >>= 1) {
        if (a & bit)
            product ^= b;
        b = b & 1 ? b >> 1 ^ poly : b >> 1;
    }
    return product;
}

/* CRC(A B) = CRC(A) * x^(8 |B|) + CRC(B): with equal initial and final values their terms cancel out. */
void digest_crc_combine(enum digest_kind kind, uint8_t crc[DIGEST_MAX], const uint8_t *next, uint64_t next_len)
{
    const struct kind_row *row = &kind_rows[kind];
    if (!row->poly)
        die("a combination of digests that are no CRC");
    uint64_t one = (uint64_t)1 << (row->size * 8 - 1);
    uint64_t shift = one, power = one >> 8; /* x^8: one byte */
    for (; next_len; next_len >>= 1) {
        if (next_len & 1)
            shift = multiply(shift, power, row->poly, one);
        power = multiply(power, power, row->poly, one);
    }
    store_be(multiply(fetch_be(crc, row->size), shift, row->poly, one) ^ fetch_be(next, row->size), row->size, crc);
}

char *hex_encode(const void *bytes, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *from = bytes;
    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[from[i] >> 4];
        out[2 * i + 1] = digits[from[i] & 15];
    }
    out[2 * len] = '\0';
    return out;
}

bool hex_decode(const char *hex, size_t hex_len, uint8_t *out)
{
    if (hex_len % 2)
        return false;
    for (size_t i = 0; i < hex_len; i += 2) {
        int high = OPENSSL_hexchar2int((unsigned char)hex[i]), low = OPENSSL_hexchar2int((unsigned char)hex[i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i / 2] = (uint8_t)(high << 4 | low);
    }
    return true;
}

char *base64_encode(const void *bytes, size_t len, char *out)
{
    enum { STEP = 3 << 20 }; /* OpenSSL takes an int */
    const unsigned char *from = bytes;
    char *at = out;
    *at = '\0';
    while (len) {
        size_t part = len < STEP ? len : STEP;
        at += EVP_EncodeBlock((unsigned char *)at, from, (int)part);
        from += part;
        len -= part;
    }
    return out;
}

static bool is_base64_byte(char byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
           byte == '+' || byte == '/';
}

/* EVP_DecodeBlock forgives white space and stray padding, so the text is judged first: RFC 4648, section 4, with the
 * unused bits zero. */
long base64_decode(const char *text, size_t len, uint8_t *out)
{
    enum { STEP = 4 << 20 };
    if (len % 4)
        return -1;
    size_t padding = len && text[len - 1] == '=' ? 1 + (text[len - 2] == '=') : 0;
    for (size_t i = 0; i < len - padding; i++)
        if (!is_base64_byte(text[i]))
            return -1;
    uint8_t *at = out;
    for (size_t done = 0; done < len; done += STEP) {
        int part = (int)(len - done < STEP ? len - done : STEP);
        int got = EVP_DecodeBlock(at, (const unsigned char *)text + done, part);
        if (got < 0)
            return -1;
        at += got;
    }
    char last[5];
    if (len && (base64_encode(at - 3, 3 - padding, last), memcmp(last, text + len - 4, 4) != 0))
        return -1;
    return (long)(at - out) - (long)padding;
}

bool secret_equal(const void *a, const void *b, size_t len)
{
    return CRYPTO_memcmp(a, b, len) == 0;
}

void random_bytes(void *out, size_t len)
{
    if (RAND_bytes(out, (int)len) != 1)
        die("random bytes");
}

void secret_wipe(void *bytes, size_t len)
{
    OPENSSL_cleanse(bytes, len);
}
