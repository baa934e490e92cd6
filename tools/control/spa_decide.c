// SPDX-License-Identifier: GPL-2.0
/*
 * Whether a gateway's request is granted. What is cheap comes first; nothing
 * that is written down for long changes before the gateway's signature is good.
 */
#include <errno.h>
#include <string.h>

#include "spa_core.h"

/* /pod/NODE/ID: components of a pod's name. */
#define POD_COMPONENTS 3

struct text {
	char buf[DAMC_NAME_TEXT_MAX];
};

static const char *name_text(const struct damc_name *name, struct text *text)
{
	if (damc_name_format(name, text->buf, sizeof(text->buf)) < 0)
		return "?";
	return text->buf;
}

/* ---- the gateway ------------------------------------------------------- */

/* A certificate that the anchor signed, of an SG called as in the request. */
static bool gateway_is_known(struct dc_spa *spa,
			     struct dc_spa_decision *decision,
			     const void *bytes, size_t len, uint64_t now_us)
{
	const struct dc_c3_request *request = decision->request;
	enum dc_verdict verdict;
	struct dc_object object;
	struct dc_node_id id;
	struct dc_cert cert;

	if (dc_object_read(&object, request->cert, request->cert_len, NULL) ||
	    object.type != DC_CERT || dc_cert_read(&cert, &object) ||
	    dc_node_id_of(&id, &object.subject) ||
	    !dc_node_id_equal(&id, &request->gateway))
		return spa_refuse(decision, DC_C3_GATEWAY,
				  "the certificate is not the gateway's");
	verdict = dc_trust_check(spa->trust, request->cert, request->cert_len,
				 &object, now_us);
	if (verdict != DC_VALID)
		return spa_refuse(decision, DC_C3_GATEWAY,
				  "the gateway's certificate: %s",
				  dc_verdict_text(verdict));
	if (!(cert.roles & DC_ROLE_SG))
		return spa_refuse(decision, DC_C3_GATEWAY,
				  "the node is not certified as a gateway");
	if (!dc_c3_request_signed(bytes, len, spa->crypto, cert.key))
		return spa_refuse(decision, DC_C3_GATEWAY,
				  "the gateway's signature is wrong");
	return true;
}

static bool nonce_is_fresh(struct dc_spa *spa, struct dc_spa_decision *decision,
			   uint64_t now_us)
{
	const struct dc_c3_request *request = decision->request;

	if (request->domain != spa->domain)
		return spa_refuse(decision, DC_C3_GATEWAY,
				  "the request is for another domain");
	if (!dc_c3_nonce_fresh(spa->nonces, &request->nonce, &request->gateway,
			       now_us))
		return spa_refuse(decision, DC_C3_NONCE,
				  "the nonce is old, or not this SPA's for this gateway");
	return true;
}

static bool nonce_is_used(struct dc_spa *spa, struct dc_spa_decision *decision,
			  uint64_t now_us)
{
	int err = dc_c3_nonce_use(spa->nonces, &decision->request->nonce,
				  now_us);

	if (err == -EEXIST)
		return spa_refuse(decision, DC_C3_NONCE,
				  "the nonce was used before");
	if (err)
		return spa_refuse(decision, DC_C3_BUSY,
				  "more requests than an SPA keeps nonces of");
	return true;
}

/* ---- the subject ------------------------------------------------------- */

static bool proof_is_good(struct dc_spa *spa,
			  const struct dc_c3_request *request)
{
	const struct dc_c3_subject *subject = &request->subject;
	uint8_t bytes[DC_C3_PROOF_MAX];
	size_t len;

	len = dc_c3_proof_bytes(bytes, request->domain, &request->nonce,
				&request->gateway, &request->name,
				request->right, subject->key);
	return spa->crypto->verify(subject->proof, bytes, len, subject->key);
}

/* Whether what is wanted would allow what is bound. */
static bool would_cover(const struct dc_c3_request *request,
			const struct dc_object *object, uint8_t right)
{
	const struct damc_name *name = &object->subject;
	bool below = damc_name_below(name, &request->name);

	if (request->right & DC_RIGHT_TREE && below &&
	    name->len > request->name.len)
		return true;
	if (right == DC_RIGHT_NAME)
		return below && request->right & DC_RIGHT_NAME;
	return below && request->right & DC_RIGHT_MEMBER &&
	       name->len > request->name.len &&
	       name->len == request->name.len + 1 +
	       name->wire[request->name.len];
}

/* It was signed for the gateway that asks, for this, and lasts. */
static bool binding_is_good(struct dc_spa *spa,
			    const struct dc_c3_request *request,
			    uint64_t now_us)
{
	const struct dc_c3_subject *subject = &request->subject;
	uint64_t now_ms = dc_trust_time(spa->trust, now_us);
	struct dc_binding binding;
	struct dc_object object;

	return !dc_object_read(&object, subject->binding, subject->binding_len,
			       NULL) &&
	       !dc_binding_read(&binding, &object) && !binding.ended &&
	       object.domain == request->domain && object.not_after > now_ms &&
	       dc_node_id_equal(&binding.gateway, &request->gateway) &&
	       would_cover(request, &object, binding.right) &&
	       dc_object_verify(&object, spa->crypto, binding.key);
}

static bool key_is_held(struct dc_spa *spa, struct dc_spa_decision *decision,
			uint64_t now_us)
{
	const struct dc_c3_request *request = decision->request;

	if (!request->subject.binding_len && !proof_is_good(spa, request))
		return spa_refuse(decision, DC_C3_PROOF,
				  "the key's proof is not for this nonce, gateway, name and right");
	if (request->subject.binding_len &&
	    !binding_is_good(spa, request, now_us))
		return spa_refuse(decision, DC_C3_PROOF,
				  "the key's binding is not for this gateway, name and right, or has ended");
	return true;
}

static bool is_pod_of(const struct damc_name *pod,
		      const struct dc_node_id *gateway)
{
	static const char first[] = "\3pod";
	size_t at, n = 0;

	for (at = 0; at < pod->len; at += 1 + pod->wire[at])
		n++;
	return n == POD_COMPONENTS && !memcmp(pod->wire, first, 4) &&
	       pod->wire[4] == gateway->len &&
	       !memcmp(pod->wire + 5, gateway->byte, gateway->len);
}

/* A gateway speaks for its own pods, and for where it is itself. */
static bool pod_is_attested(struct dc_spa_decision *decision)
{
	const struct dc_c3_request *request = decision->request;
	struct text text;

	if (!is_pod_of(&request->subject.pod, &request->gateway))
		return spa_refuse(decision, DC_C3_PROOF,
				  "%s is not a pod of the gateway that says so",
				  name_text(&request->subject.pod, &text));
	if (request->n_to > 1 ||
	    (request->n_to &&
	     !dc_node_id_equal(&request->to[0], &request->gateway)))
		return spa_refuse(decision, DC_C3_PROOF,
				  "a pod without a key is known at its own gateway only");
	return true;
}

static bool subject_is_proven(struct dc_spa *spa,
			      struct dc_spa_decision *decision,
			      uint64_t now_us)
{
	return decision->request->subject.has_key ?
	       key_is_held(spa, decision, now_us) : pod_is_attested(decision);
}

/* ---- the name ---------------------------------------------------------- */

static bool is_of_subtree(const struct dc_cert *cert,
			  const struct damc_name *name)
{
	uint32_t i;

	for (i = 0; i < cert->n_subtrees; i++) {
		if (damc_name_below(name, &cert->subtree[i]))
			return true;
	}
	return false;
}

bool dc_spa_may(const struct dc_spa *spa, const struct damc_name *name)
{
	const struct dc_cert *cert = dc_trust_cert_of_node(spa->trust,
							   &spa->id);

	return cert && is_of_subtree(cert, name);
}

static bool is_free(struct dc_spa *spa, struct dc_spa_decision *decision)
{
	const struct dc_spa_holding *wanted = &decision->holding, *found;
	struct text text;

	found = dc_spa_live_conflict(spa->live, wanted);
	if (!found)
		return true;
	return spa_refuse(decision, DC_C3_TAKEN, "%.90s is held by grant %llu",
			  name_text(&found->name, &text),
			  (unsigned long long)found->number);
}

/* By a request; by hand it can be had again. */
static bool is_not_revoked(struct dc_spa *spa, struct dc_spa_decision *decision)
{
	const struct dc_spa_holding *same =
		dc_spa_live_same(spa->live, &decision->holding);

	if (!same || !same->revoked)
		return true;
	return spa_refuse(decision, DC_C3_REVOKED,
			  "grant %llu of it was revoked, and would not have ended yet",
			  (unsigned long long)same->number);
}

bool spa_may_be_had(struct dc_spa *spa, struct dc_spa_decision *decision,
		    uint64_t now_us)
{
	const struct dc_spa_holding *wanted = &decision->holding;
	struct text text;

	if (dc_spa_reserved(&wanted->name))
		return spa_refuse(decision, DC_C3_RESERVED,
				  "%.90s is reserved, nobody is granted it",
				  name_text(&wanted->name, &text));
	if (!is_of_subtree(&spa->cert, &wanted->name))
		return spa_refuse(decision, DC_C3_SUBTREE,
				  "%.90s is not of a subtree of this SPA",
				  name_text(&wanted->name, &text));
	dc_spa_live_expire(spa->live, dc_trust_time(spa->trust, now_us));
	return is_free(spa, decision);
}

/* ---- the policy -------------------------------------------------------- */

static bool is_allowed(struct dc_spa *spa, struct dc_spa_decision *decision,
		       const struct dc_spa_rule **rule)
{
	const struct dc_c3_request *request = decision->request;
	struct text text;

	*rule = dc_spa_policy_match(spa->policy, request);
	if (*rule)
		return true;
	return spa_refuse(decision, DC_C3_NO_POLICY,
			  "no rule of policy version %llu allows %.90s to its subject there",
			  (unsigned long long)spa->policy->version,
			  name_text(&request->name, &text));
}

static bool over(struct dc_spa_decision *decision, uint32_t have, uint32_t cap,
		 const char *what)
{
	if (!cap || have < cap)
		return false;
	spa_refuse(decision, DC_C3_CAP, "%s: %u, and no more than %u", what,
		   have, cap);
	return true;
}

static bool is_within_caps(struct dc_spa *spa, struct dc_spa_decision *decision,
			   const struct dc_spa_rule *rule)
{
	struct dc_spa_live_counts have;

	if (dc_spa_live_same(spa->live, &decision->holding))
		return true;
	dc_spa_live_count(spa->live, &decision->holding, &have);
	if (over(decision, have.all, spa->policy->max,
		 "grants by this policy"))
		return false;
	return !rule ||
	       !(over(decision, have.rule, rule->max, "grants by the rule") ||
		 over(decision, have.each, rule->max_each,
		      "grants to this subject by the rule"));
}

bool spa_has_room(struct dc_spa *spa, struct dc_spa_decision *decision)
{
	struct dc_spa_live_counts have;

	if (dc_spa_live_same(spa->live, &decision->holding))
		return true;
	dc_spa_live_count(spa->live, &decision->holding, &have);
	return !over(decision, have.all, DC_SPA_LIVE_MAX,
		     "grants of this SPA that have not ended");
}

/* A refusal that only would be one: false where it stays a refusal. */
static bool observe(struct dc_spa *spa, struct dc_spa_decision *decision)
{
	if (!spa->policy->observe)
		return false;
	decision->code = DC_C3_GRANTED;
	decision->observed = true;
	return true;
}

/* ---- the grant --------------------------------------------------------- */

static void set_gateways(struct dc_grant *grant,
			 const struct dc_c3_request *request,
			 const struct dc_spa_rule *rule)
{
	if (request->n_to) {
		grant->n_gateways = request->n_to;
		memcpy(grant->gateway, request->to, sizeof(grant->gateway));
	} else if (!rule || !rule->portable || !grant->has_key) {
		grant->n_gateways = 1;
		grant->gateway[0] = request->gateway;
	} else {
		grant->n_gateways = rule->n_at;
		memcpy(grant->gateway, rule->at, sizeof(grant->gateway));
	}
}

static void set_grant(struct dc_grant *grant,
		      const struct dc_c3_request *request,
		      const struct dc_spa_rule *rule)
{
	const struct dc_c3_subject *subject = &request->subject;

	memset(grant, 0, sizeof(*grant));
	grant->rights = request->right;
	grant->has_key = subject->has_key;
	memcpy(grant->key, subject->key, sizeof(grant->key));
	grant->pod = subject->pod;
	set_gateways(grant, request, rule);
}

static uint32_t lifetime_of(const struct dc_spa *spa,
			    const struct dc_c3_request *request,
			    const struct dc_spa_rule *rule)
{
	uint32_t most = spa->policy->lifetime;

	if (rule && rule->lifetime)
		most = rule->lifetime;
	if (request->lifetime && request->lifetime < most)
		return request->lifetime;
	return most;
}

static void set_wanted(struct dc_spa_holding *wanted,
		       const struct dc_c3_request *request)
{
	wanted->name = request->name;
	wanted->rights = request->right;
	dc_spa_subject(&wanted->subject, request->subject.has_key,
		       request->subject.key, &request->subject.pod);
}

bool spa_decide(struct dc_spa *spa, const void *bytes, size_t len,
		struct dc_spa_decision *decision, struct dc_grant *grant,
		uint64_t now_us)
{
	const struct dc_c3_request *request = decision->request;
	const struct dc_spa_rule *rule = NULL;

	decision->code = DC_C3_GRANTED;
	set_wanted(&decision->holding, request);
	if (!nonce_is_fresh(spa, decision, now_us) ||
	    !gateway_is_known(spa, decision, bytes, len, now_us) ||
	    !nonce_is_used(spa, decision, now_us) ||
	    !spa_may_be_had(spa, decision, now_us) ||
	    !subject_is_proven(spa, decision, now_us) ||
	    !is_not_revoked(spa, decision))
		return false;
	if (!is_allowed(spa, decision, &rule) && !observe(spa, decision))
		return false;
	if (rule)
		memcpy(decision->holding.label, rule->label,
		       sizeof(decision->holding.label));
	if (!is_within_caps(spa, decision, rule) && !observe(spa, decision))
		return false;
	set_grant(grant, request, rule);
	decision->holding.until =
		spa_until(spa, lifetime_of(spa, request, rule), now_us);
	return true;
}
