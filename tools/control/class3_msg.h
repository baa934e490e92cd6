/* SPDX-License-Identifier: GPL-2.0 */
/* What class 3's messages have in common. Internal to the codec. */
#ifndef DC_CLASS3_MSG_H
#define DC_CLASS3_MSG_H

#include "object_wire.h"

#define C3_VERSION 1

enum c3_type {
	C3_NONCE_REQUEST = 1,
	C3_NONCE_ANSWER = 2,
	C3_GRANT_REQUEST = 3,
	C3_GRANT_ANSWER = 4,
	C3_OBJECTS_REQUEST = 5,
	C3_OBJECTS = 6,
};

static inline void c3_begin(struct dc_out *out, uint8_t *buf, size_t size,
			    enum c3_type type)
{
	*out = (struct dc_out){ .at = buf, .room = size };
	dc_put(out, C3_VERSION, 1);
	dc_put(out, type, 1);
}

static inline void c3_open(struct dc_in *in, const void *bytes, size_t len,
			   enum c3_type type)
{
	*in = (struct dc_in){ .at = bytes, .left = len };
	if (dc_get(in, 1) != C3_VERSION || dc_get(in, 1) != type)
		in->bad = true;
}

/* Two bytes of length, and so many: @max at most. */
static inline const uint8_t *c3_get_long(struct dc_in *in, size_t *len,
					 size_t max)
{
	*len = dc_get(in, 2);
	if (*len > max)
		in->bad = true;
	return dc_take(in, *len);
}

static inline void c3_put_long(struct dc_out *out, const void *from, size_t len)
{
	dc_put(out, len, 2);
	dc_put_bytes(out, from, len);
}

#endif /* DC_CLASS3_MSG_H */
