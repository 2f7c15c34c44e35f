/*
 * A model of SrcuDomain (src/LibMultipath/Reclamation) for spin.
 *
 *   spin -a srcu.pml && cc -O2 -DSAFETY -o pan pan.c && ./pan
 *
 * Two readers and one updater. The second reader's sections end on a third thread, in that thread's
 * own slot. The updater replaces an object, waits for a grace period and reclaims the old one, twice.
 *
 * What must hold:
 *   - nobody is inside a section with an object that has been reclaimed (the assertions);
 *   - the updater, once asleep, is woken (no invalid end state).
 *
 * Memory: the updater's accesses take effect at once. Each reading thread has a store buffer: its
 * stores take effect later, in order, when the buffer feels like it, while its loads look at memory
 * now. So the load of the object overtakes the count of the section's begin, and the load of the flag
 * overtakes the count of its end. The process-wide barrier empties the buffers, one thread after the
 * other, and nothing else orders the readers.
 *
 * Mutants, each of which must fail:
 *   -DNO_BARRIER       the barrier is the updater's alone
 *   -DLOCKS_FIRST      the begins are summed before the ends
 *   -DNO_FIRST_WAIT    the index that is idle before the flip is not waited for
 *   -DNO_SECOND_WAIT   the index that was current before the flip is not waited for
 *   -DNO_FLAG_BARRIER  no barrier between setting the flag and counting again: the updater oversleeps
 */

#ifndef SECTIONS
#define SECTIONS 2              /* of the reader that ends its sections itself */
#endif
#ifndef HANDED
#define HANDED 1                /* of the reader that hands them to the helper */
#endif
#define GRACE_PERIODS 2
#define THREADS 3
#define HELPER 2                /* the thread that ends the second reader's sections */
#define NOT_AWAITED 2

mtype = { LOCK, UNLOCK, GIVE };

/* What the library keeps. */
bit current;                    /* the index that new sections take */
byte locks[6];                  /* [2 * thread + index] */
byte unlocks[6];
byte awaited = NOT_AWAITED;
short remaining;
bool woken;

/* What is protected: the number of the published object, and the first that is not reclaimed. */
byte published;
byte intact;

/* The store buffers, and where a section that is handed over arrives. */
chan buffer[THREADS] = [3] of { mtype, bit, byte };
chan handed = [HANDED] of { bit, byte };

/* The oldest store of a thread takes effect. */
inline take_effect(t)
{
    buffer[t]?kind, at, object;
    if
    :: kind == LOCK   -> locks[2 * t + at]++
    :: kind == UNLOCK -> unlocks[2 * t + at]++
    :: kind == GIVE   -> handed!at, object
    fi;
    kind = 0; at = 0; object = 0
}

inline drain(t)
{
    d_step {
        do
        :: nempty(buffer[t]) -> take_effect(t)
        :: empty(buffer[t]) -> break
        od
    }
}

active proctype memory()
{
    mtype kind; bit at; byte object;
end:
    do
    :: d_step { nempty(buffer[0]) -> take_effect(0) }
    :: d_step { nempty(buffer[1]) -> take_effect(1) }
    :: d_step { nempty(buffer[2]) -> take_effect(2) }
    od
}

inline leave(t, index)
{
    buffer[t]!UNLOCK, index, 0;
    if
    :: awaited == index ->
        /* An interlocked decrement: the thread's own stores come first. */
        atomic {
            drain(t);
            remaining--;
            if
            :: remaining == 0 -> woken = true
            :: else
            fi
        }
    :: else
    fi
}

proctype reader(byte t; byte sections; bool gives)
{
    mtype kind; bit at; byte object;
    bit index; byte found; byte section;

    do
    :: section < sections ->
        index = current;
        buffer[t]!LOCK, index, 0;
        found = published;
        if
        :: gives ->
            buffer[t]!GIVE, index, found
        :: else ->
            assert(found >= intact);
            leave(t, index)
        fi;
        section++; index = 0; found = 0
    :: else -> break
    od
}

active proctype helper()
{
    mtype kind; bit at; byte object;
    bit index; byte found;

end:
    do
    :: handed?index, found ->
        assert(found >= intact);
        leave(HELPER, index);
        index = 0; found = 0
    od
}

/* Slot by slot, as the library does. Slot 1 never ends a section here and slot 2 never begins one. */
inline sum_unlocks()
{
    ended = unlocks[0 + idle];
    ended = ended + unlocks[4 + idle]
}

inline sum_locks()
{
    begun = locks[0 + idle];
    begun = begun + locks[2 + idle]
}

inline barrier()
{
#ifndef NO_BARRIER
    drain(0);
    drain(1);
    drain(2)
#else
    skip
#endif
}

inline flag_barrier()
{
#ifndef NO_FLAG_BARRIER
    barrier()
#else
    skip
#endif
}

inline count()
{
#ifndef LOCKS_FIRST
    sum_unlocks();
    barrier();
    sum_locks()
#else
    sum_locks();
    barrier();
    sum_unlocks()
#endif
}

/*
 * Until all sections of the idle index have ended. The library first looks a few times without the
 * flag: the same count, with fewer effects, so that the model leaves it out.
 */
inline wait_for_idle()
{
    idle = 1 - current;
    do
    :: true ->
        remaining = 0;
        awaited = idle;
        flag_barrier();
        count();
        if
        :: begun == ended -> awaited = NOT_AWAITED; break
        :: else
        fi;
        remaining = remaining + begun - ended;
        begun = 0; ended = 0;
        if
        :: remaining > 0 -> woken; woken = false
        :: else
        fi
    od;
    begun = 0; ended = 0; idle = 0
}

active proctype updater()
{
    mtype kind; bit at; byte object;
    byte begun; byte ended; bit idle; byte passed;

    atomic {
        run reader(0, SECTIONS, false);
        run reader(1, HANDED, true)
    }
    do
    :: passed < GRACE_PERIODS ->
        published++;
#ifndef NO_FIRST_WAIT
        wait_for_idle();
#endif
        current = 1 - current;
#ifndef NO_SECOND_WAIT
        wait_for_idle();
#endif
        intact = published;
        passed++
    :: else -> break
    od
}
