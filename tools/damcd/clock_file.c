// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "clock_file.h"
#include "state_file.h"

#define FILE_NAME "time"
/* A UUID. */
#define BOOT_MAX 37

/**
 * struct kept - what the file says
 * @boot: of the kernel: another one's clock began anew
 * @at_us: that clock, when domain time was @domain_ms
 */
struct kept {
	char boot[BOOT_MAX];
	uint64_t at_us;
	uint64_t domain_ms;
};

static int read_boot(char boot[BOOT_MAX])
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
	int n;

	if (!file)
		return -errno;
	n = fscanf(file, "%36s", boot);
	fclose(file);
	return n == 1 ? 0 : -EIO;
}

static bool read_kept(const struct daemon *daemon, struct kept *kept)
{
	FILE *file = state_file_open(daemon, FILE_NAME);
	int n;

	if (!file)
		return false;
	n = fscanf(file, "%36s %" SCNu64 " %" SCNu64, kept->boot, &kept->at_us,
		   &kept->domain_ms);
	fclose(file);
	return n == 3;
}

uint64_t clock_file_read(const struct daemon *daemon)
{
	uint64_t wall_ms = clock_wall_ms(), now_us = clock_us();
	char boot[BOOT_MAX];
	struct kept kept;

	if (!read_kept(daemon, &kept))
		return wall_ms;
	if (!read_boot(boot) && !strcmp(boot, kept.boot) &&
	    now_us >= kept.at_us)
		return kept.domain_ms + (now_us - kept.at_us) / 1000;
	return wall_ms > kept.domain_ms ? wall_ms : kept.domain_ms;
}

static int write_kept(FILE *file, void *arg)
{
	const struct kept *kept = arg;

	return fprintf(file, "%s %" PRIu64 " %" PRIu64 "\n", kept->boot,
		       kept->at_us, kept->domain_ms) < 0 ? -EIO : 0;
}

int clock_file_write(const struct daemon *daemon, const struct dc_trust *trust)
{
	struct kept kept = { .at_us = clock_us() };
	int err;

	if (dc_trust_beacon_age(trust, kept.at_us) == UINT32_MAX)
		return 0;
	kept.domain_ms = dc_trust_time(trust, kept.at_us);
	err = read_boot(kept.boot);
	return err ? err : state_file_replace(daemon, FILE_NAME, write_kept,
					      &kept);
}
