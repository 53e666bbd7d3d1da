using Funion.Cli.Console;
using Funion.Cli.Verified;
using Funion.Client;

namespace Funion.Cli.Enclaves;

/// <summary>The user's <see cref="SeenCounters"/>. What cannot be kept stops a question: asked without it, a roll-back would go unnoticed.</summary>
static class HomeCounters
{
    public static string Folder => Path.Combine(FunionHome.Path, "enclaves");

    /// <summary>The newest counter of an enclave.</summary>
    /// <exception cref="FunionException">It cannot be known.</exception>
    public static ulong Newest(in Bytes32 enclave)
    {
        SeenOutcome outcome = new SeenCounters(Folder).TryRead(enclave, out ulong newest);
        return outcome == SeenOutcome.Ok ? newest : throw Failure(enclave, outcome);
    }

    /// <summary>Notes one.</summary>
    /// <exception cref="FunionException">It cannot be kept.</exception>
    public static async Task RaiseAsync(Bytes32 enclave, ulong counter, CancellationToken cancellation)
    {
        SeenOutcome outcome = await Patience.WhileBusyAsync(() => new SeenCounters(Folder).TryRaise(enclave, counter), SeenOutcome.Busy, cancellation);
        if (outcome != SeenOutcome.Ok)
        {
            throw Failure(enclave, outcome);
        }
    }

    static FunionException Failure(in Bytes32 enclave, SeenOutcome outcome)
    {
        string file = Path.Combine(Folder, enclave.ToString());
        return outcome switch
        {
            SeenOutcome.Damaged => new FunionException(FunionError.Damaged, $"What was noted of this enclave is damaged: {file}. Without it a roll-back goes unnoticed; delete it to begin anew."),
            SeenOutcome.TooOpen => new FunionException(FunionError.Refused, $"Others may read or write {file}: chmod 600 it."),
            SeenOutcome.Busy => new FunionException(FunionError.Refused, $"Another funion has {Folder}; try again."),
            _ => new FunionException(FunionError.Refused, $"{Folder} cannot be used, and so no roll-back of the enclave would be noticed."),
        };
    }
}
