// SPDX-License-Identifier: GPL-2.0
/* libFuzzer: a name's text, and its wire form; each must come back the same. */
#include <stdlib.h>
#include <string.h>

#include "damc.h"

static void check(const struct damc_name *name)
{
	char text[DAMC_NAME_TEXT_MAX];
	struct damc_name again;

	if (damc_name_format(name, text, sizeof(text)) < 1 ||
	    damc_name_parse(&again, text, NULL) ||
	    !damc_name_equal(name, &again))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct damc_name name;
	const char *why;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (!damc_name_parse(&name, text, &why))
		check(&name);
	if (!damc_name_from_wire(&name, data, size))
		check(&name);
	free(text);
	return 0;
}
