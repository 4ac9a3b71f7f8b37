-- An insurance certificate waits for its review; it presupposes a verified trade (INV-ELIGIBILITY-4, HX608).
CREATE OR REPLACE FUNCTION api.verification_submit_insurance(p_uid text, p_email text, p_name text, p_now timestamptz,
                                                             p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_row insurance_verifications;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    IF NOT v_me.active THEN RETURN api.refused('HX602'); END IF;
    PERFORM set_config('hustle.now', p_now::text, true);
    IF NOT api.has_valid_trade(v_me.id, p_input->>'trade', p_now) THEN RETURN api.refused('HX608'); END IF;
    INSERT INTO insurance_verifications (user_id, trade, coverage_amount, source, created_at)
    VALUES (v_me.id, p_input->>'trade', (p_input->>'coverage_amount')::integer, 'coi_upload', p_now)
    ON CONFLICT (user_id, trade) DO NOTHING RETURNING * INTO v_row;
    IF NOT FOUND THEN
        SELECT * INTO v_row FROM insurance_verifications
         WHERE user_id = v_me.id AND trade = p_input->>'trade' FOR NO KEY UPDATE;
        IF v_row.status = 'pending' OR (v_row.status = 'verified' AND v_row.expires_at > p_now) THEN
            RETURN api.refused('CONFLICT');
        END IF;
        UPDATE insurance_verifications SET status = 'expired' WHERE id = v_row.id AND status = 'verified';
        UPDATE insurance_verifications SET status = 'pending', coverage_amount = (p_input->>'coverage_amount')::integer
         WHERE id = v_row.id;
    END IF;
    RETURN jsonb_build_object('ok', jsonb_build_object('verification_id', v_row.id, 'status', 'pending',
        'estimated_completion', api.iso(p_now + interval '2 days')));
END $$;
