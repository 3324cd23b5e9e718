# Makes up a month of a barber shop as a workload file (at,op,barber,key,start,end): three barbers, weekdays of February
# 2026 from nine to five UTC, some hundred bookings of half an hour, of which some are cancelled or moved. Every request
# is valid. The same file on every machine: the random numbers are the minimal standard ones, from one seed.
#
#   awk -f bench/sample/workload.awk > february.workload.csv

function random(bound) {
    seed = (seed * 16807) % 2147483647
    return seed % bound
}

function half_hour(slot, moment) { return sprintf("2026-02-%02dT%02d:%02d:00Z", day_of[slot], 9 + int(moment / 2), moment % 2 * 30) }

function row(op, key, slot) {
    clock += 20 + random(60)
    printf "2026-01-31T%02d:%02d:%02dZ,%s,%s,%s,%s,%s\n", clock / 3600, clock / 60 % 60, clock % 60, op,
        slot ? barber_of[slot] : "", key, slot ? half_hour(slot, moment_of[slot]) : "",
        slot ? half_hour(slot, moment_of[slot] + 1) : ""
}

# A slot that nobody has, 0 when ten tries found none.
function free_slot(    tries, slot) {
    for (tries = 0; tries < 10; tries++) {
        slot = 1 + random(slots)
        if (!(slot in taken)) return slot
    }
    return 0
}

function book(    slot) {
    slot = free_slot()
    if (!slot) return
    taken[slot] = 1
    key_of[++live] = "order-" ++orders
    slot_of[live] = slot
    row("book", key_of[live], slot)
}

function cancel(    which) {
    which = 1 + random(live)
    row("cancel", key_of[which], 0)
    delete taken[slot_of[which]]
    key_of[which] = key_of[live]
    slot_of[which] = slot_of[live--]
}

function move(    which, slot) {
    which = 1 + random(live)
    slot = free_slot()
    if (!slot) return
    delete taken[slot_of[which]]
    slot_of[which] = slot
    taken[slot] = 1
    row("move", key_of[which], slot)
}

BEGIN {
    seed = 20260201
    split("Figaro Bartolo Rosina", barbers, " ")
    print "at,op,barber,key,start,end"
    for (day = 1; day <= 28; day++) {
        if (day % 7 < 2) continue # the first is a Sunday
        for (b = 1; b <= 3; b++) {
            printf "2026-01-31T00:00:00Z,open,%s,,2026-02-%02dT09:00:00Z,2026-02-%02dT17:00:00Z\n", barbers[b], day, day
            for (moment = 0; moment < 16; moment++) {
                barber_of[++slots] = barbers[b]
                day_of[slots] = day
                moment_of[slots] = moment
            }
        }
    }
    for (i = 0; i < 1200; i++) {
        dice = random(100)
        if (dice < 65 || live < 20) book()
        else if (dice < 85) cancel()
        else move()
    }
}
