/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Small files, whole: identity's own.
 */
#ifndef DC_IDENTITY_FILE_H
#define DC_IDENTITY_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "identity.h"

#define DC_FILE_MAX 4096

/* What is wrong with @path, into @why; returns @err. */
__attribute__((format(printf, 4, 5)))
int dc_fault(char why[DC_WHY_MAX], int err, const char *path,
	     const char *format, ...);

/* Bytes read into @buf of DC_FILE_MAX; more is -EFBIG. @private: mode 0600. */
int dc_file_read(const char *path, char *buf, bool private,
		 char why[DC_WHY_MAX]);
/*
 * Through a file beside it, and onto the disk; with @fresh, -EEXIST if there is one
 * already.
 */
int dc_file_write(const char *path, const void *bytes, size_t len,
		  unsigned int mode, bool fresh, char why[DC_WHY_MAX]);

#endif /* DC_IDENTITY_FILE_H */
