using Funion.Network;
using Funion.Tokens;

namespace Funion.Cli.Issuing;

/// <summary>An issuer's file of whom it knows: the hash of an invitation in hex on each line; what follows a blank is the operator's own note.</summary>
sealed class InvitationList
{
    readonly string _file;
    HashSet<string> _hashes;
    DateTime _written;

    public InvitationList(string file)
    {
        _file = file;
        _hashes = Read(file, out _written);
    }

    public bool Knows(string client)
    {
        // A list that grows is taken over without a restart; one that is being replaced stays as it was.
        if (File.GetLastWriteTimeUtc(_file) != _written && File.Exists(_file))
        {
            _hashes = Read(_file, out _written);
        }
        return _hashes.Contains(client);
    }

    /// <summary>Makes an invitation and adds it to the list.</summary>
    public static TokenInvitation Invite(string file, string note)
    {
        TokenInvitation invitation = TokenInvitation.Create();
        // A line that somebody wrote by hand may not end.
        string begin = File.Exists(file) && File.ReadAllText(file) is { Length: > 0 } text && !text.EndsWith('\n') ? "\n" : "";
        File.AppendAllText(file, begin + $"{invitation.Hash()} {note.ReplaceLineEndings(" ")}".TrimEnd() + "\n");
        return invitation;
    }

    static HashSet<string> Read(string file, out DateTime written)
    {
        written = File.GetLastWriteTimeUtc(file);
        return [.. File.ReadAllLines(file).Select(line => line.Split(' ', 2)[0]).Where(hash => hash.Length > 0)];
    }
}
