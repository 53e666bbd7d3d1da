using Funion.Cli.Commands;
using Funion.Cli.Console;
using Funion.Client;
using Funion.Network;
using Funion.Tokens;

namespace Funion.Cli.Issuing;

/// <summary>A client's invitation, in a file that only its owner reads, and its wallet.</summary>
static class Invitations
{
    public static string Beside(string network) => network + ".invitation";

    /// <summary>The invitation beside a network document, made when it is not there.</summary>
    /// <exception cref="IOException">There is a file, and it is none.</exception>
    public static TokenInvitation Ensure(string network)
    {
        string file = Beside(network);
        if (File.Exists(file))
        {
            return TryRead(file) ?? throw new IOException($"{file} is no invitation, or others than its owner can read it.");
        }
        TokenInvitation made = TokenInvitation.Create();
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        using StreamWriter writer = new(file, options);
        writer.WriteLine(made.ToString());
        return made;
    }

    /// <summary>What a session needs to pay in this network; nothing, where none pays. A missing invitation is no error where a wallet may be full.</summary>
    /// <param name="session">To be completed.</param>
    /// <param name="output">Told what is missing.</param>
    /// <param name="document">The network.</param>
    /// <param name="invitation">The file that was named; null: the one beside the document.</param>
    /// <param name="network">Where the document is.</param>
    /// <param name="asksNow">Whether the session is for a question, which is not worth going online for without a token.</param>
    /// <exception cref="FunionException">There is nothing to pay the question with.</exception>
    public static SessionOptions With(
        SessionOptions session, Output output, NetworkDocument document, string? invitation, string? network, bool asksNow)
    {
        if (document.Issuer is null)
        {
            return session;
        }
        string file = invitation ?? Beside(network ?? UpCommand.DefaultDocument);
        TokenInvitation? read = TryRead(file);
        TokenWallet wallet = FunionHome.OpenWallet(document);
        bool isGranted = wallet.HasBatch(document.EpochAt(TimeProvider.System.GetUtcNow()));
        string problem = invitation is null
            ? "This network demands tokens: give the invitation by which its issuer knows you, with --invitation FILE."
            : $"This network demands tokens, and {file} is no invitation to get them, or others than its owner can read it.";
        if (read is null && !isGranted && asksNow)
        {
            throw new FunionException(FunionError.NoToken, problem);
        }
        if (read is null)
        {
            output.Note(isGranted ? "there are tokens for this epoch, and no invitation to get others" : problem);
        }
        return session with { Wallet = wallet, Invitation = read };
    }

    static TokenInvitation? TryRead(string file)
    {
        try
        {
            return (OperatingSystem.IsWindows() || (File.GetUnixFileMode(file) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) == 0)
                && TokenInvitation.TryParse(File.ReadAllText(file).Trim(), out TokenInvitation? invitation)
                ? invitation
                : null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
