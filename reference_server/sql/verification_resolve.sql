-- An administrator decides about a record, or revokes a verified one (eligibility.md §4.1); nobody about his own. The
-- recompute belongs to the same transaction: it is a trigger's.
CREATE OR REPLACE FUNCTION api.verification_resolve(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_table text := CASE p_input->>'type' WHEN 'license' THEN 'license_verifications'
                         WHEN 'insurance' THEN 'insurance_verifications' ELSE 'background_checks' END;
    v_id uuid := (p_input->>'verification_id')::uuid;
    v_approve boolean := p_input->>'decision' = 'verified';
    v_expires timestamptz := (p_input->>'expires_at')::timestamptz;
    v_row jsonb;
    v_user uuid;
    v_status text;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    PERFORM set_config('hustle.now', p_now::text, true);
    EXECUTE format('SELECT to_jsonb(v) FROM %I v WHERE id = $1 FOR NO KEY UPDATE', v_table) INTO v_row USING v_id;
    IF v_row IS NULL THEN RETURN api.refused('NOT_FOUND'); END IF;
    v_user := (v_row->>'user_id')::uuid;
    IF NOT v_me.active THEN RETURN api.refused('HX602'); END IF;
    IF NOT v_me.is_admin OR v_user = v_me.id THEN RETURN api.refused('HX503'); END IF;
    IF v_approve AND v_table = 'insurance_verifications' AND NOT api.has_valid_trade(v_user, v_row->>'trade', p_now) THEN
        RETURN api.refused('HX608');
    END IF;
    v_status := api.status_at(v_row->>'status', (v_row->>'expires_at')::timestamptz, p_now);
    IF NOT (v_status = 'pending' OR (v_status = 'verified' AND NOT v_approve)) THEN RETURN api.refused('CONFLICT'); END IF;
    EXECUTE format('UPDATE %I SET status = $2, verified_at = CASE WHEN $3 THEN $4 END, expires_at = CASE WHEN $3 THEN $5 END,
                                  failure_reason = CASE WHEN NOT $3 THEN $6 END WHERE id = $1', v_table)
        USING v_id, p_input->>'decision', v_approve, p_now, v_expires, coalesce(p_input->>'reason', 'not confirmed');
    PERFORM api.log_admin(v_me.id, v_me.admin_role, 'verification_resolve', jsonb_build_object(
        'type', p_input->>'type', 'verification_id', v_id, 'from', v_status, 'to', p_input->>'decision',
        'expires_at', api.iso(v_expires), 'reason', p_input->>'reason'), NULL, NULL, NULL, v_user, p_now);
    RETURN jsonb_build_object('ok', jsonb_build_object('verification_id', v_id, 'user_id', v_user,
        'status', p_input->>'decision', 'expires_at', CASE WHEN v_approve THEN api.iso(v_expires) END));
END $$;
