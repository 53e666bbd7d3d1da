using Funion.Cli.Console;
using Funion.Network;

namespace Funion.Cli.Network;

/// <summary>An accepted document, or the error to end with.</summary>
/// <param name="Document">Not null exactly when there is no error.</param>
/// <param name="Code">Why not.</param>
/// <param name="Message">One sentence.</param>
/// <param name="Hint">What to do next.</param>
/// <param name="Pin">The authorities that the document was held to.</param>
sealed record NetworkChoice(NetworkDocument? Document, ExitCode Code = ExitCode.Ok, string Message = "", string? Hint = null, TrustedAuthorities? Pin = null)
{
    public static NetworkChoice Refused(ExitCode code, string message, string? hint = null) => new(null, code, message, hint);
}
