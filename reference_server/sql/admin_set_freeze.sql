-- SAF-12, SAF-13: waits for everybody who was let through, then turns the switch. Turning it to where it stands is no
-- change and is audited all the same.
CREATE OR REPLACE FUNCTION api.admin_set_freeze(p_uid text, p_email text, p_name text, p_now timestamptz, p_input jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_me record;
    v_active boolean := (p_input->>'active')::boolean;
    v_action text := CASE WHEN (p_input->>'active')::boolean THEN 'freeze_on' ELSE 'freeze_off' END;
    v_before boolean;
BEGIN
    v_me := api.caller(p_uid, p_email, p_name, p_now);
    IF NOT v_me.active THEN RETURN api.refuse_admin(v_me.id, v_me.admin_role, v_action, p_input, NULL, p_now, 'HX602'); END IF;
    IF NOT v_me.can_override_escrow THEN
        RETURN api.refuse_admin(v_me.id, v_me.admin_role, v_action, p_input, NULL, p_now);
    END IF;
    PERFORM pg_advisory_xact_lock(4850720131);
    SELECT active INTO v_before FROM freeze_switches WHERE name = p_input->>'switch';
    INSERT INTO freeze_switches (name, active, reason, note, changed_by, changed_at)
    VALUES (p_input->>'switch', v_active, p_input->>'reason', p_input->>'note', v_me.id, p_now)
    ON CONFLICT (name) DO UPDATE SET active = excluded.active, reason = excluded.reason, note = excluded.note,
                                     changed_by = excluded.changed_by, changed_at = excluded.changed_at;
    PERFORM api.log_admin(v_me.id, v_me.admin_role, v_action, p_input, NULL, NULL, NULL, NULL, p_now);
    RETURN jsonb_build_object('ok', jsonb_build_object(
        'switch', p_input->>'switch', 'active', v_active, 'changed', coalesce(v_before, true) <> v_active,
        'changed_at', api.iso(p_now)));
END $$;
