using Funion.Cli.Console;
using Funion.Client;

namespace Funion.Cli.Commands;

/// <summary>Runs what a client does and turns its outcomes into exit codes and sentences.</summary>
static class ClientErrors
{
    public static Task<int> RunAsync(Output output, TimeSpan timeout, Func<CancellationToken, Task<int>> act, CancellationToken cancellation) =>
        RunAsync(output, timeout, (_, token) => act(token), cancellation);

    /// <summary>The same for what learns only on its way how long it may take: it says so to its first argument.</summary>
    public static async Task<int> RunAsync(
        Output output, TimeSpan timeout, Func<Action<TimeSpan>, CancellationToken, Task<int>> act, CancellationToken cancellation)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(timeout);
        try
        {
            return await act(
                longer =>
                {
                    timeout = longer;
                    deadline.CancelAfter(longer);
                },
                deadline.Token);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return output.Error(ExitCode.Interrupted, "Interrupted.");
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            return output.Error(ExitCode.TimedOut, $"No answer within {timeout.TotalSeconds:F0} s.", "is the network up? Give it longer with --timeout");
        }
        catch (FunionException error)
        {
            return output.Error(CodeOf(error.Error), error.Message, HintOf(error.Error));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return output.Error(ExitCode.Failed, error.Message);
        }
    }

    public static ExitCode CodeOf(FunionError error) => error switch
    {
        FunionError.NoSuchModel => ExitCode.NoSuchModel,
        FunionError.TimedOut => ExitCode.TimedOut,
        FunionError.Unreachable => ExitCode.NetworkUnreachable,
        FunionError.Damaged => ExitCode.VerificationFailed,
        _ => ExitCode.Failed,
    };

    public static string? HintOf(FunionError error) => error switch
    {
        FunionError.NoSuchModel => "see what there is with: funion models",
        FunionError.NoToken => "tokens are granted anew every epoch",
        FunionError.NotFound => "boxes are kept for one to two weeks, and a deleted one is gone",
        FunionError.Unreachable => "is the network up? start one with: funion up",
        _ => null,
    };
}
