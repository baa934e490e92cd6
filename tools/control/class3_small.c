// SPDX-License-Identifier: GPL-2.0
/* Class 3: nonces, and objects that an SPA hands out for flooding. */
#include <errno.h>

#include "class3.h"
#include "class3_msg.h"

int dc_c3_nonce_request_read(struct dc_c3_nonce_request *request,
			     const void *bytes, size_t len)
{
	struct dc_in in;

	memset(request, 0, sizeof(*request));
	c3_open(&in, bytes, len, C3_NONCE_REQUEST);
	dc_get_node_id(&in, &request->gateway);
	request->count = dc_get(&in, 1);
	if (!request->count || request->count > DC_C3_NONCES_MAX)
		return -EBADMSG;
	return dc_in_end(&in);
}

int dc_c3_nonce_request_write(const struct dc_c3_nonce_request *request,
			      uint8_t *buf, size_t size)
{
	struct dc_out out;

	c3_begin(&out, buf, size, C3_NONCE_REQUEST);
	dc_put_node_id(&out, &request->gateway);
	dc_put(&out, request->count, 1);
	return dc_out_end(&out);
}

int dc_c3_nonce_answer_read(struct dc_c3_nonce_answer *answer,
			    const void *bytes, size_t len)
{
	struct dc_in in;
	uint32_t i;

	memset(answer, 0, sizeof(*answer));
	c3_open(&in, bytes, len, C3_NONCE_ANSWER);
	dc_get_node_id(&in, &answer->spa);
	answer->lifetime_ms = dc_get(&in, 4);
	answer->n = dc_get(&in, 1);
	if (!answer->n || answer->n > DC_C3_NONCES_MAX)
		return -EBADMSG;
	for (i = 0; i < answer->n; i++)
		dc_get_bytes(&in, answer->nonce[i].byte, DC_C3_NONCE_BYTES);
	return dc_in_end(&in);
}

int dc_c3_nonce_answer_write(const struct dc_c3_nonce_answer *answer,
			     uint8_t *buf, size_t size)
{
	struct dc_out out;
	uint32_t i;

	c3_begin(&out, buf, size, C3_NONCE_ANSWER);
	dc_put_node_id(&out, &answer->spa);
	dc_put(&out, answer->lifetime_ms, 4);
	dc_put(&out, answer->n, 1);
	for (i = 0; i < answer->n; i++)
		dc_put_bytes(&out, answer->nonce[i].byte, DC_C3_NONCE_BYTES);
	return dc_out_end(&out);
}

int dc_c3_objects_request_read(struct dc_c3_objects_request *request,
			       const void *bytes, size_t len)
{
	struct dc_in in;

	memset(request, 0, sizeof(*request));
	c3_open(&in, bytes, len, C3_OBJECTS_REQUEST);
	dc_get_node_id(&in, &request->node);
	request->revocation = dc_get(&in, 8);
	request->rule = dc_get(&in, 8);
	return dc_in_end(&in);
}

int dc_c3_objects_request_write(const struct dc_c3_objects_request *request,
				uint8_t *buf, size_t size)
{
	struct dc_out out;

	c3_begin(&out, buf, size, C3_OBJECTS_REQUEST);
	dc_put_node_id(&out, &request->node);
	dc_put(&out, request->revocation, 8);
	dc_put(&out, request->rule, 8);
	return dc_out_end(&out);
}

int dc_c3_objects_read(struct dc_c3_objects *objects, const void *bytes,
		       size_t len)
{
	struct dc_in in;
	uint64_t more;
	uint32_t i;

	memset(objects, 0, sizeof(*objects));
	c3_open(&in, bytes, len, C3_OBJECTS);
	more = dc_get(&in, 1);
	objects->more = more;
	objects->revocation = dc_get(&in, 8);
	objects->rule = dc_get(&in, 8);
	objects->n = dc_get(&in, 1);
	if (more > 1 || objects->n > DC_C3_OBJECTS_MAX)
		return -EBADMSG;
	for (i = 0; i < objects->n; i++)
		objects->object[i].bytes =
			c3_get_long(&in, &objects->object[i].len,
				    DC_OBJECT_MAX);
	return dc_in_end(&in);
}

int dc_c3_objects_write(const struct dc_c3_objects *objects, uint8_t *buf,
			size_t size)
{
	struct dc_out out;
	uint32_t i;

	c3_begin(&out, buf, size, C3_OBJECTS);
	dc_put(&out, objects->more, 1);
	dc_put(&out, objects->revocation, 8);
	dc_put(&out, objects->rule, 8);
	dc_put(&out, objects->n, 1);
	for (i = 0; i < objects->n; i++)
		c3_put_long(&out, objects->object[i].bytes,
			    objects->object[i].len);
	return dc_out_end(&out);
}
