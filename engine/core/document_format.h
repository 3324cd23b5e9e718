/* What the two files that write and read documents share: sizes of the elements of lists. */
#ifndef FIG_CORE_DOCUMENT_FORMAT_H
#define FIG_CORE_DOCUMENT_FORMAT_H

#include "engine/figaro.h"

#define DOCUMENT_FORMAT 1

#define WEEKLY_BYTES 9
#define CUT_BYTES    20
#define OFFER_BYTES  21
#define ID_BYTES     8
#define TYPE_BYTES   (FIG_TYPE_MAX + 1)

#endif
