"""Every deed of the house: each address that changes something, and what becomes of a slip of the finger there.

* ASKS: cannot be taken back, so a page asks first, says what happens to whom, and takes a yes to exactly that. Proved by doing
  it in `test_deeds.py`, where each has a scene.
* WRITES: its page wants words, a number or a proof that nobody types by accident; without them nothing is done.
* UNDO: may be taken back for ten minutes.
* BACK: may be taken back at any time; the words say by what.
* ADDS: adds a line to a history, which a further line corrects.
* NOTHING: nothing that anybody would want back: reading, printing, signing in, one's own settings.

An address with several deeds has a line for each: `endpoint:deed`.
"""

from __future__ import annotations

from enum import StrEnum


class Slip(StrEnum):
    ASKS = "asks first"
    WRITES = "wants what nobody types by accident"
    UNDO = "taken back within ten minutes"
    BACK = "taken back at any time"
    ADDS = "corrected by a further line"
    NOTHING = "nothing to take back"


def _lines(slip: Slip, words: str) -> dict[str, tuple[Slip, str]]:
    """`endpoint[:deed] – why` on each line."""
    found = {}
    for line in words.strip().splitlines():
        name, _dash, why = line.strip().partition(" – ")
        found[name] = (slip, why)
    return found


DEEDS: dict[str, tuple[Slip, str]] = {
    **_lines(Slip.ASKS, """
        pages.desk.end_role – somebody stops working at once and hears why
        pages.close – contact, password, places and roles are gone
        nominations.desk.put_up – names are public at once
        nominations.desk.close_round – honours, letters and next desks, all at once; asked by its rehearsal
        nominations.desk.give_up – a round does not open again
        nominations.desk.end_seat – a seat is empty at once
        nominations.desk.recuse – somebody loses their vote on a case
        nominations.desk.end_meeting – results stand
        nominations.desk.call_off_meeting – votes count for nothing
        nominations.desk.run_jury:draw – people are drawn and written to
        nominations.desk.run_jury:replacement – a juror loses their seat
        nominations.desk.run_jury:closing – scores stand
        nominations.desk.run_jury:calling_off – scores count for nothing
        nominations.desk.triage:conversion – a clue is closed
        nominations.desk.triage:merging – a clue is closed
        nominations.desk.triage:refusal – a clue is closed
        nominations.desk.answer_likeness:merging – two cases become one
        nominations.desk.answer_likeness:sameness – two people become one
        nominations.desk.answer_likeness:difference – nobody asks again
        nominations.desk.answer_objection:refusal – the objector is answered once
        nominations.desk.answer_objection:rejection – the objector is answered once
        nominations.desk.answer_objection:upholding – a name comes off the wall
        nominations.desk.second_look – there is only one
        nominations.desk.protect – for good
        nominations.recusal – one's vote on a case is given up
        nominations.jury_refusal – the seat goes to the next
        nominations.jury_recusal – one's score of a case is given up
        nominations.withdraw – the case ends
        nominations.guardian_withdrawal – the case of a child ends
        honours.desk.change:suspension – a person is gone from public, and to return a text has to be approved anew
        honours.desk.change:revocation – for good
        honours.desk.end_benefit – a benefit stops
        points.cancel – what was kept for one goes to somebody else
        points.desk.decide_shortfall – the ledger keeps it
        points.desk.hand_over – the code is void
        volunteering.change_mine:withdrawal – the place is somebody else's
        volunteering.change_mine:refusal – the offer goes to the next
        volunteering.answer_ask:refusal – the next is asked
        volunteering.answer_ward:refusal – somebody's news come here no more
        volunteering.desk.revoke – for everybody who checks the number
        volunteering.desk.decide:confirmation – hours are credited
        volunteering.desk.decide:refusal – a shift counts as missed
        volunteering.desk.revoke_qualification – somebody may not stand at some posts
        volunteering.desk.end_qualification_kind – none of the kind is given any more
        volunteering.desk.take_off – somebody loses their place and hears why
        volunteering.end_question – somebody loses their place and hears why
        kiosk.desk.revoke_card – the card works no more
        kiosk.change_card:loss – the card works no more
        kiosk.desk.decide:count – a scan is decided once
        kiosk.desk.decide:count_at – a scan is decided once
        kiosk.desk.decide:drop – a scan is decided once
    """),
    **_lines(Slip.WRITES, """
        nominations.vote – a choice or a score, on a page that says it is cast once
        nominations.jury_score – a score, on a page that says it is given once
        nominations.opinion – outcome and letter number of a department
        nominations.objection – what somebody has to say
        nominations.objection_again – what was left out
        nominations.again – why the level above should look
        nominations.desk.sign_visit – a report and a companion
        nominations.desk.hand_over_all – to whom and why
        nominations.desk.recognise – the number of a card
        honours.desk.use_benefit – which day and what for
        honours.desk.review – a finding
        honours.desk.retire_category – the last day of a class
        identity.desk.names – the name as it is, as it will be, and why
        identity.desk.reveal – why a number is looked at
        kiosk.desk.revoke – why a tablet works no more
        kiosk.desk.complete – somebody's birthday
        pages.desk.retire – the place that follows
        pages.desk.move – the place above
        pages.desk.answer – the answer to a complaint
        pages.desk.birthdays – a birthday and why
        regions.desk.sheet – a file, looked at before it is taken over
        volunteering.decide_paper:confirmation – every line ticked as right
        volunteering.desk.word:word – minutes and an answer
        volunteering.object_to_hours – what is wrong
        volunteering.desk.attest – minutes and evidence
        volunteering.name_successor – who and why
        volunteering.arrange – who
        nominations.supplement – what was asked for
        nominations.draft_proof – a code that was sent
        nominations.proof – a code that was sent
        nominations.desk.entry – a whole nomination
        nominations.clue – a whole clue
        pages.complain – a whole complaint
        pages.claim – a number that was given
    """),
    **_lines(Slip.UNDO, """
        nominations.desk.decide:handover – undone from the queue
        nominations.desk.decide:return – undone from the queue
        nominations.desk.decide:check – undone from the queue
        nominations.desk.decide:endorsement – undone from the queue
        nominations.desk.decide:election – undone from the queue
        nominations.desk.decide:refusal – undone from the queue
        nominations.desk.run_batch – counted by hand before, and undone as a whole
    """),
    **_lines(Slip.BACK, """
        nominations.desk.decide:taking – by laying it back
        nominations.desk.decide:release – by taking it
        nominations.desk.undo – by deciding anew
        nominations.desk.undo_batch – by deciding anew
        nominations.desk.answer_objection:taking – by handing it over
        nominations.desk.run_round:proposal – by sending it back
        nominations.desk.run_round:recall – by checking and proposing it again
        nominations.desk.run_meeting:presence – by ticking anew while it sits
        nominations.desk.run_meeting:paper – by entering anew while it sits
        nominations.desk.open_meeting – by calling it off
        nominations.desk.open_round – by giving it up
        nominations.desk.seats – by ending the seat
        nominations.desk.consent – by taking it back
        nominations.desk.consent_withdrawal – by recording it again
        nominations.desk.text – by editing it again
        nominations.desk.guardian – by taking it back
        nominations.desk.mentioned – by removing it
        nominations.desk.forget_mentioned – by recording it again
        nominations.desk.calendar_days – by removing it
        nominations.desk.forget_calendar_day – by entering it again
        nominations.desk.rules – by a further rule
        nominations.desk.date_deed – by another date
        nominations.desk.record_facts – by recording them again
        nominations.jury_acceptance – by refusing
        nominations.react_to_notice – by taking it back
        nominations.react_to_story – by taking it back
        honours.desk.change:restoration – by suspending
        honours.desk.categories – by its last day
        honours.desk.give_benefit – by ending it
        identity.desk.appoint – by ending the role
        identity.desk.deputies – by ending it
        identity.desk.end_deputy – by naming again
        identity.desk.attest – by attesting again
        pages.answer_kin:acceptance – by ending it
        pages.answer_kin:refusal – by declaring it again
        pages.kinship – by ending it
        pages.end_guardian – by being added again
        kiosk.desk.new – by revoking it
        kiosk.desk.pairing – by opening another
        kiosk.change_card:print – by reporting it lost
        points.redeem – by cancelling
        points.desk.shelf – by taking it down
        points.desk.good – by correcting it again
        points.desk.change_good – by the opposite
        regions.desk.add – by retiring it
        regions.desk.rename – by renaming it
        volunteering.register – by closing the account
        volunteering.sign_up – by giving it back
        volunteering.change_mine:acceptance – by giving it back
        volunteering.change_mine:handover – by calling it back
        volunteering.change_mine:recall – by handing over again
        volunteering.answer_ask:acceptance – by giving it back
        volunteering.answer_ward:acceptance – by letting go
        volunteering.family – by letting go
        volunteering.ward_number – by another number
        volunteering.guest – by taking them off
        volunteering.tick – by ticking again
        volunteering.stand – by standing down
        volunteering.call_off – by restoring the shift
        volunteering.type_paper – by typing anew
        volunteering.decide_paper:return – by typing anew
        volunteering.desk.word:stayed – by a further word
        volunteering.desk.begin – by cancelling
        volunteering.desk.run – by restoring or reinstating
        volunteering.desk.change_shift – by restoring it
        volunteering.desk.post – by saving again
        volunteering.desk.words – by saving again
        volunteering.desk.end_pattern – by adding it again
        volunteering.desk.categories – by ending it
        volunteering.desk.end_category – by adding it again
        volunteering.desk.change_rules – by a further rule
        volunteering.desk.teams – by its words
        volunteering.desk.team – by taking them off
        volunteering.desk.change_team – by saving again
        volunteering.desk.change_member – by joining again
        volunteering.desk.add_qualification_kind – by ending it
        volunteering.desk.give_qualification – by revoking it
        volunteering.desk.look – by looking again
        volunteering.issue_certificate – by revoking it
        volunteering.calendar – by another address
        volunteering.free – by saying it again
        errands.desk.stop – by asking for it again
    """),
    **_lines(Slip.ADDS, """
        nominations.desk.ask_departments – a further question
        nominations.desk.has_read – a further reading
        points.desk.restock – a further delivery
        volunteering.change_mine:appeal – a further word
        kiosk.api.scans – decided by a person
        kiosk.api.walk_in – decided by a person
    """),
    **_lines(Slip.NOTHING, """
        errands.desk.download – a file
        honours.desk.benefits_sheet – a file
        honours.desk.honours_sheet – a file
        identity.code – signing in
        identity.confirm – showing who one is
        identity.contact – one's own contact
        identity.end_sessions – signing in again
        identity.desk.letting_in – ends at midnight by itself
        identity.letter_choice – one's own settings
        identity.new_password – one's own password
        identity.register – a new account
        identity.residence – one's own settings
        identity.sign_in – signing in
        identity.sign_out – signing in again
        kiosk.api.pair – a tablet
        kiosk.api.status – a report
        kiosk.desk.card_sheet – a file
        nominations.draft_autosave – a draft
        nominations.draft_removal – a draft
        nominations.draft_step – a draft
        nominations.step – a draft
        nominations.desk.keep_filter – one's own settings
        nominations.desk.forget_filter – one's own settings
        nominations.desk.print_consultation – a print
        nominations.desk.print_dossier – a print
        nominations.desk.print_minutes – a print
        nominations.desk.print_notice – a print
        nominations.desk.print_receipt – a print
        nominations.desk.print_recommendation – a print
        nominations.desk.print_round – a print
        nominations.desk.print_summary – a print
        nominations.desk.published_sheet – a file
        nominations.desk.queue_sheet – a file
        nominations.desk.summary_sheet – a file
        nominations.desk.rehearse_closing – taken back before it is shown
        outbox.desk.retry – a letter is tried again
        pages.birthday – one's own birthday
        pages.drop_unsent – words one kept
        pages.track – a question
        points.desk.counter – a question
        points.sheet – a file
        volunteering.desk.certificates_sheet – a file
        volunteering.desk.event_sheet – a file
        volunteering.desk.print_roster – a print
        volunteering.desk.print_sheet – a print
        volunteering.desk.team_calendar – an address
        volunteering.desk.team_sheet – a file
        volunteering.verify – a question
    """),
}
