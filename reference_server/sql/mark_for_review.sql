-- A person looks at the proof before anybody trusts it; the poster still decides (proof-and-gps.md §4, §6).
CREATE OR REPLACE FUNCTION api.mark_for_review(p_proof uuid, p_reason text) RETURNS void LANGUAGE sql AS $$
    UPDATE proof_inspections SET manual_review = true, reasons = reasons || p_reason
     WHERE proof_id = p_proof AND NOT p_reason = ANY (reasons)
$$;
