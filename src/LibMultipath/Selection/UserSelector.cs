using System.Diagnostics;
using LibMultipath.Block;
using LibMultipath.Paths;

namespace LibMultipath.Selection;

/// <summary>
/// Lets an <see cref="IMpathSelector"/> select for a head, and looks after it: what it gets wrong, the policy beneath it
/// decides.
/// </summary>
internal sealed class UserSelector(SelectorSession session, PathSelector policy)
    : PathSelector(policy.Name, session.Needs | policy.Needs, policy.UsesDistance)
{
    internal override bool IsEnded => session.IsEnded;

    internal override MpathDevice? Select(MpathHead head, int node, Bio? bio)
    {
        if (session.IsEnded)
        {
            return policy.Select(head, node, bio);
        }

        long begun = session.MaxTicks == 0 ? 0 : Stopwatch.GetTimestamp();
        var paths = new PathIterator(head.PathList, session.MaxSteps, begun, session.MaxTicks);
        int id;
        try
        {
            id = session.Selector.SelectPath(ref paths, new SelectContext(head, bio, node));
        }
        catch (Exception exception)
        {
            session.CountFault(head, paths.IsOverBudget ? SelectorFault.OverBudget : SelectorFault.Exception, exception);
            return policy.Select(head, node, bio);
        }

        MpathDevice? path = paths.CurrentPath;
        if (paths.IsOverBudget)
        {
            session.CountFault(head, SelectorFault.OverBudget, null);
            return policy.Select(head, node, bio);
        }

        bool isAnswer = path is not null && path.Controller.Id == id;
        if (isAnswer && path!.IsUsable)
        {
            session.CountChoice();
            return path;
        }

        // Where no path is usable, there is no right answer.
        path = policy.Select(head, node, bio);
        if (path is not null)
        {
            session.CountFault(head, isAnswer ? SelectorFault.Unusable : SelectorFault.BadAnswer, null);
        }

        return path;
    }

    internal override void Retire() => session.End();

    internal override void Started(MpathDevice path, Bio bio)
    {
        if ((policy.Needs & SelectorNeeds.Feedback) != 0)
        {
            policy.Started(path, bio);
        }

        if (session is { IsEnded: false, Feedback: { } feedback })
        {
            try
            {
                feedback.Started(new PathView(path), bio.Size);
                session.CountTold();
            }
            catch (Exception exception)
            {
                session.CountFeedbackFault(path.Head, exception);
            }
        }
    }

    internal override void Ended(MpathDevice path, Bio bio, TimeSpan duration, BlockStatus status)
    {
        if ((policy.Needs & SelectorNeeds.Feedback) != 0)
        {
            policy.Ended(path, bio, duration, status);
        }

        if (session is { IsEnded: false, Feedback: { } feedback })
        {
            try
            {
                feedback.Ended(new PathView(path), bio.Size, duration, status);
                session.CountTold();
            }
            catch (Exception exception)
            {
                session.CountFeedbackFault(path.Head, exception);
            }
        }
    }
}
