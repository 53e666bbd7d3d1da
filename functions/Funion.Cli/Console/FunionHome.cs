using System.Security.Cryptography;
using System.Text;
using Funion.Client;
using Funion.Network;
using Funion.Tokens;

namespace Funion.Cli.Console;

/// <summary>
/// Where pins and accepted documents are kept: $FUNION_HOME, or funion in the user's configuration folder (~/.config), there or not: never a folder that
/// follows from where one stands, in which anybody could plant a pin.
/// </summary>
static class FunionHome
{
    public const string Variable = "FUNION_HOME";

    public static string Path
    {
        get
        {
            string? home = Environment.GetEnvironmentVariable(Variable);
            return string.IsNullOrEmpty(home)
                ? System.IO.Path.Combine(
                    Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify) is { Length: > 0 } folder
                        ? folder
                        : throw new IOException($"There is no folder for settings: set {Variable} or HOME."), "funion")
                : home;
        }
    }

    /// <summary>
    /// Where the tool notes what must be deleted of a network even if it dies, apart from other networks of the same name; null when the folder cannot be
    /// used, for asking is worth more.
    /// </summary>
    public static Leftovers? OpenLeftovers(NetworkDocument document)
    {
        try
        {
            return new Leftovers(FolderOf(document, "leftovers"));
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The user's tokens for a network, shared by all of their processes.</summary>
    /// <exception cref="IOException">The folder cannot be used: tokens that are not kept would be lost.</exception>
    public static TokenFolder OpenWallet(NetworkDocument document) => new(FolderOf(document, "tokens"));

    /// <summary>The folder of one kind of things for a network, apart from other networks of the same name.</summary>
    public static string FolderOf(NetworkDocument document, string what)
    {
        byte[] network = document.Authorities.Keys.SelectMany(key => key).Concat(Encoding.UTF8.GetBytes(document.Name)).ToArray();
        return System.IO.Path.Combine(Path, what, Convert.ToHexStringLower(SHA256.HashData(network))[..16]);
    }
}
