// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "tar.h"

#define BLOCK 512

/* As POSIX has it: numbers are octal digits and a zero byte. */
struct header {
	char name[100];
	char mode[8];
	char uid[8];
	char gid[8];
	char size[12];
	char mtime[12];
	char sum[8];
	char type;
	char linkname[100];
	char magic[6];
	char version[2];
	char user[32];
	char group[32];
	char major[8];
	char minor[8];
	char prefix[155];
	char pad[12];
};

_Static_assert(sizeof(struct header) == BLOCK, "a header is a block");

/* The sum is taken with blanks in its own place. */
static void set_sum(struct header *header)
{
	const unsigned char *byte = (const void *)header;
	unsigned int sum = 0;
	size_t i;

	memset(header->sum, ' ', sizeof(header->sum));
	for (i = 0; i < sizeof(*header); i++)
		sum += byte[i];
	snprintf(header->sum, sizeof(header->sum), "%06o", sum & 0777777);
}

static int put_header(FILE *tar, const char *name, long long size,
		      long long mtime)
{
	struct header header = { .type = '0', .version = "00" };

	if (strlen(name) >= sizeof(header.name) || size >= 1LL << 33) {
		errno = EFBIG;
		return -1;
	}
	strcpy(header.name, name);
	strcpy(header.mode, "0000600");
	strcpy(header.uid, "0000000");
	strcpy(header.gid, "0000000");
	snprintf(header.size, sizeof(header.size), "%011llo", size);
	snprintf(header.mtime, sizeof(header.mtime), "%011llo",
		 mtime & 077777777777);
	memcpy(header.magic, "ustar", sizeof(header.magic));
	set_sum(&header);
	return fwrite(&header, sizeof(header), 1, tar) == 1 ? 0 : -1;
}

/* Exactly @left bytes: what a file that shrank has not, is zero. */
static int put_bytes(FILE *tar, FILE *from, long long left)
{
	char block[BLOCK];
	size_t n;

	for (; left > 0; left -= BLOCK) {
		n = left < BLOCK ? left : BLOCK;
		memset(block, 0, sizeof(block));
		if (fread(block, 1, n, from) < n && ferror(from))
			return -1;
		if (fwrite(block, sizeof(block), 1, tar) != 1)
			return -1;
	}
	return 0;
}

int tar_add(FILE *tar, const char *name, FILE *from, long long mtime)
{
	struct stat stat;

	if (fflush(from) || fstat(fileno(from), &stat) ||
	    fseek(from, 0, SEEK_SET) ||
	    put_header(tar, name, stat.st_size, mtime))
		return -1;
	return put_bytes(tar, from, stat.st_size);
}

int tar_end(FILE *tar)
{
	static const char none[2 * BLOCK];

	return fwrite(none, sizeof(none), 1, tar) == 1 && !fflush(tar) ? 0 : -1;
}
