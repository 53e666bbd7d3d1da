using System.Text.RegularExpressions;

namespace Funion.Tests.Architecture;

/// <summary>Rules that a reviewer would otherwise have to remember.</summary>
public sealed partial class HouseRulesTests
{
    [Fact]
    public void No_file_of_code_is_over_four_hundred_lines()
    {
        string[] long_ = [.. Repository.Sources("functions").Concat(Repository.Sources("tests"))
            .Where(path => File.ReadLines(path).Count() > 400).Select(Repository.Relative)];
        Assert.Empty(long_);
    }

    [Fact]
    public void Unsafe_code_stays_in_interop_and_kernels()
    {
        string[] elsewhere = [.. Repository.Sources("functions")
            .Where(path => Unsafe().IsMatch(File.ReadAllText(path)))
            .Select(Repository.Relative)
            .Where(path => !path.StartsWith("functions/Funion/Interop/", StringComparison.Ordinal)
                && !path.StartsWith("functions/Funion/Cryptography/", StringComparison.Ordinal))];
        Assert.Empty(elsewhere);
    }

    [Fact]
    public void Nothing_is_left_for_later_in_the_code()
    {
        string[] marks = [.. Repository.Sources("functions")
            .Where(path => Marks().IsMatch(File.ReadAllText(path))).Select(Repository.Relative)];
        Assert.Empty(marks);
    }

    [Fact]
    public void Actors_start_no_timer_and_no_thread_of_their_own()
    {
        string[] timers = [.. Repository.Sources("functions/Funion")
            .Where(path => Timers().IsMatch(File.ReadAllText(path))).Select(Repository.Relative)];
        // A session is what drives actors in somebody else's process.
        Assert.Equal(["functions/Funion/Client/FunionSession.cs"], timers);
    }

    [GeneratedRegex(@"^\s*(?:[a-z]+ )*unsafe\b", RegexOptions.Multiline)]
    private static partial Regex Unsafe();

    [GeneratedRegex(@"NotImplementedException|\bTODO\b|\bFIXME\b|\bHACK\b")]
    private static partial Regex Marks();

    [GeneratedRegex(@"Task\.Run\(|Task\.Delay\(|new Timer\(|new Thread\(|Thread\.Sleep\(")]
    private static partial Regex Timers();
}
