using LibMultipath.Block;
using LibMultipath.Paths;

namespace Mpathd.Paths;

/// <summary>Makes paths that lead somewhere, and says what is wrong with a remedy.</summary>
/// <typeparam name="T">The driver's path.</typeparam>
internal abstract class DriverPathMaker<T> : IPathMaker
    where T : IDisposable
{
    /// <summary>What to give for paths that do not lead to the same data.</summary>
    protected abstract string GiveTheSame { get; }

    public ManagedPath AddPath(MpathHead head, int number)
    {
        T path = Try(() => Open(number));
        try
        {
            return Add(head, path, number);
        }
        catch (MpathdException)
        {
            path.Dispose();
            throw;
        }
        catch (BlockException exception)
        {
            path.Dispose();
            throw MpathdException.WrongArguments(exception.Message, GiveTheSame);
        }
        catch (ArgumentException exception)
        {
            path.Dispose();
            throw MpathdException.WrongArguments(exception.Message, OpenAlike(path));
        }
    }

    /// <summary>Opens what the path leads to.</summary>
    /// <exception cref="BlockException">It cannot be opened.</exception>
    protected abstract T Open(int number);

    /// <summary>Adds the path to a head.</summary>
    protected abstract ManagedPath Add(MpathHead head, T path, int number);

    /// <summary>What to do about limits that do not go together.</summary>
    protected virtual string OpenAlike(T path) => "use paths whose limits are alike";

    /// <summary>What to do about an error of opening.</summary>
    protected abstract string RemedyOf(BlockException exception);

    /// <summary>Does what may find that what the path leads to cannot be opened.</summary>
    protected TResult Try<TResult>(Func<TResult> open)
    {
        try
        {
            return open();
        }
        catch (BlockException exception)
        {
            throw MpathdException.SystemLacks(exception.Message, RemedyOf(exception), exception);
        }
    }
}
