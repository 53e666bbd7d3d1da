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

    /// <summary>What a session needs to pay in this network; nothing, where none pays. A missing invitation is no error: a wallet may be full.</summary>
    public static SessionOptions With(SessionOptions session, Output output, NetworkDocument document, string? invitation, string? network)
    {
        if (document.Issuer is null)
        {
            return session;
        }
        string file = invitation ?? Beside(network ?? UpCommand.DefaultDocument);
        TokenInvitation? read = TryRead(file);
        if (read is null)
        {
            output.Note($"this network demands tokens, and {file} is no invitation to get them");
        }
        return session with { Wallet = FunionHome.OpenWallet(document), Invitation = read };
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
