/* The shop of the data generator: departments, aisles and products with what the planted model needs of each
 * (reorder score, replenishment cycle, popularity), and their published ids. Immutable once made; shared by all worker
 * threads. Names are in gen_words.c. */
#ifndef WEIR_PIPELINE_GEN_CATALOG_H
#define WEIR_PIPELINE_GEN_CATALOG_H
#include "backend/base/err.h"
#include <stdint.h>

enum { GEN_DEPARTMENTS = 21, GEN_AISLES = 134, GEN_PRODUCTS = 49688 };

struct gen_product {
    int16_t department; /* from 0 */
    int16_t aisle;      /* from 0 */
    int32_t number;     /* among its aisle's products, from 0: picks the name */
    int32_t id;         /* published, 1..GEN_PRODUCTS */
};

struct gen_catalog {
    uint64_t seed;
    double theta[GEN_PRODUCTS];      /* score of being bought again, log odds */
    double cycle[GEN_PRODUCTS];      /* days until it is used up */
    double cumulative[GEN_PRODUCTS]; /* popularity within the department; ends at 1 in each */
    struct gen_product products[GEN_PRODUCTS];
    int32_t by_id[GEN_PRODUCTS];          /* the product whose id is i + 1 */
    int32_t first[GEN_DEPARTMENTS + 1];   /* first product of each department, then GEN_PRODUCTS */
    double first_weight[GEN_DEPARTMENTS]; /* share of the first purchases; sums to 1 */
};

/* About 2.5 MB; the caller frees it with free(). NULL only without memory. */
struct gen_catalog *gen_catalog_make(uint64_t seed, struct err *err);
/* Product drawn by popularity within a department, x in (0,1). */
int gen_catalog_pick(const struct gen_catalog *catalog, int department, double x);
#endif
