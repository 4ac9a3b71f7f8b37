-- A license waits for its review (eligibility.md §4.1). A failed or expired one, also one that only the clock has ended,
-- becomes pending again in its row, because the key forbids a second.
CREATE OR REPLACE FUNCTION api.verification_submit_license(p_uid text, p_email text, p_name text, p_now timestamptz,
                                                           p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_row license_verifications;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    IF NOT v_me.active THEN RETURN api.refused('HX602'); END IF;
    PERFORM set_config('hustle.now', p_now::text, true);
    INSERT INTO license_verifications (user_id, trade, state, license_number, license_type, source, created_at)
    VALUES (v_me.id, p_input->>'trade', p_input->>'state', p_input->>'license_number', p_input->>'license_type',
            'registry', p_now)
    ON CONFLICT (user_id, trade, state) DO NOTHING RETURNING * INTO v_row;
    IF NOT FOUND THEN
        SELECT * INTO v_row FROM license_verifications
         WHERE user_id = v_me.id AND trade = p_input->>'trade' AND state = p_input->>'state' FOR NO KEY UPDATE;
        IF v_row.status = 'pending' OR (v_row.status = 'verified' AND v_row.expires_at > p_now) THEN
            RETURN api.refused('CONFLICT');
        END IF;
        UPDATE license_verifications SET status = 'expired' WHERE id = v_row.id AND status = 'verified';
        UPDATE license_verifications SET status = 'pending', license_number = p_input->>'license_number',
                                         license_type = p_input->>'license_type' WHERE id = v_row.id;
    END IF;
    RETURN jsonb_build_object('ok', jsonb_build_object('verification_id', v_row.id, 'status', 'pending',
        'estimated_completion', api.iso(p_now + interval '2 days')));
END $$;
