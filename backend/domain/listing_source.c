/* The real source of a listing's pages: S3 through a session. Apart from the listing itself, which knows no network. */
#include "backend/domain/listing.h"

static bool page_of_s3(void *context, const struct s3_list *list, struct arena *arena, struct s3_page *page,
                       struct err *err)
{
    return s3_list_page(context, list, arena, page, err);
}

struct listing_source listing_source_s3(struct aws *aws)
{
    return (struct listing_source){.page = page_of_s3, .context = aws};
}
