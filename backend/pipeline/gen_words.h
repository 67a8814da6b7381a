/* Names for the generated shop: departments, aisles, and a distinct plausible name for every product, put together from
 * word lists. Some names hold commas, quotes and letters beyond ASCII, so that every reader downstream meets them.
 * Pure; any thread. */
#ifndef WEIR_PIPELINE_GEN_WORDS_H
#define WEIR_PIPELINE_GEN_WORDS_H
#include "backend/base/buf.h"
#include "backend/pipeline/gen_catalog.h"
#include <stdbool.h>
#include <stdint.h>

/* 0..GEN_DEPARTMENTS-1 and 0..GEN_AISLES-1, numbered as in gen_catalog. */
const char *gen_department_name(int department);
const char *gen_aisle_name(int aisle);
/* Appends the product's name; distinct for each product of one seed. */
bool gen_product_name(uint64_t seed, const struct gen_product *product, struct buf *out);
#endif
