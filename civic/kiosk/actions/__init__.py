"""Every change of the kiosk, by noun.

Scenario. Luo Xiuqin opens "签到台" on her desk, names one for 梧桐里 and reads its code off the screen (enrolling.found,
enrolling.open_pairing). The tablet exchanges the code for a key (enrolling.pair). It fetches its roster; at 6:58 the network
is gone and Sun Jun checks in. At 8:10 the tablet uploads scan 41: scanning.take_in finds his place, writes a punch and the
scan with its answer *in*, in one transaction (alone and with a network, at_the_door.take_in does the same without holding
anything in between). What a second tablet took of him stays undecided, and she taps 不算
(deciding.decide). A scan that arrives when the shift has been counted goes the slow way (late.take_in): his hours are
drafted anew.
"""
