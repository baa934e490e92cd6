// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "callees.h"
#include "state_file.h"

#define FILE_NAME "callees"

static int write_one(const struct damc_name *callee, void *arg)
{
	char text[DAMC_NAME_TEXT_MAX];

	damc_name_format(callee, text, sizeof(text));
	return fprintf(arg, "%s\n", text) < 0 ? -EIO : 0;
}

static int write_all(FILE *file, void *arg)
{
	return dc_trust_callees(arg, write_one, file);
}

int callees_write(const struct daemon *daemon, const struct dc_trust *trust)
{
	return state_file_replace_safe(daemon, FILE_NAME, write_all, (void *)trust);
}

int callees_read(const struct daemon *daemon, struct dc_trust *trust)
{
	char line[DAMC_NAME_TEXT_MAX + 1];
	FILE *file = state_file_open(daemon, FILE_NAME);
	struct damc_name name;
	int err = 0;

	if (!file)
		return errno == ENOENT ? 0 : -errno;
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (damc_name_parse(&name, line, NULL))
			err = -EBADMSG;
		else
			dc_trust_call_had_rule(trust, &name);
	}
	fclose(file);
	return err;
}
