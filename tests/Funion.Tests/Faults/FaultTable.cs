using System.Text;

namespace Funion.Tests.Faults;

/// <summary>Points that were struck and how it ended, by what was at work and what struck. Tests add to one table, which lies beside them as a file.</summary>
sealed class FaultTable
{
    const string File = "faults.md";

    readonly Lock _lock = new();
    readonly SortedDictionary<string, HashSet<string>> _kinds = new(StringComparer.Ordinal);
    readonly Dictionary<(string Row, NodeFault Fault, FaultVerdict Verdict), int> _points = [];

    public static FaultTable Shared { get; } = new();

    /// <summary>Names a kind of work of a row.</summary>
    public void Kind(string row, string kind)
    {
        lock (_lock)
        {
            _kinds.TryAdd(row, []);
            _kinds[row].Add(kind);
        }
    }

    public void Point(string row, NodeFault fault, FaultVerdict verdict)
    {
        lock (_lock)
        {
            _points[(row, fault, verdict)] = _points.GetValueOrDefault((row, fault, verdict)) + 1;
        }
    }

    /// <summary>Writes what is known so far, and gives it.</summary>
    public string Save()
    {
        lock (_lock)
        {
            string table = ToMarkdown();
            System.IO.File.WriteAllText(Path.Combine(AppContext.BaseDirectory, File), table);
            return table;
        }
    }

    /// <summary>A row for each worker, a column for each fault. A cell: points; how many of them ended in a refusal; how many were broken.</summary>
    string ToMarkdown()
    {
        NodeFault[] faults = Enum.GetValues<NodeFault>();
        StringBuilder text = new("| at work | kinds |");
        foreach (NodeFault fault in faults)
        {
            text.Append($" {Spaced(fault)} |");
        }
        text.Append("\n|---|---|").Insert(text.Length, "---|", faults.Length).Append('\n');
        foreach ((string row, HashSet<string> kinds) in _kinds)
        {
            text.Append($"| {row} | {kinds.Count} | ").AppendJoin(" | ", faults.Select(fault => Cell([row], fault))).Append(" |\n");
        }
        text.Append($"| all | {_kinds.Values.Sum(kinds => kinds.Count)} | ").AppendJoin(" | ", faults.Select(fault => Cell(_kinds.Keys, fault))).Append(" |\n");
        return text.ToString();
    }

    string Cell(IReadOnlyCollection<string> rows, NodeFault fault)
    {
        int Of(FaultVerdict verdict) => rows.Sum(row => _points.GetValueOrDefault((row, fault, verdict)));
        int refused = Of(FaultVerdict.Refused), broken = Of(FaultVerdict.Broken), all = Of(FaultVerdict.Finished) + refused + broken;
        return $"{all}{(refused > 0 ? $", {refused} refused" : "")}{(broken > 0 ? $", {broken} BROKEN" : "")}";
    }

    static string Spaced(NodeFault fault) => string.Concat(fault.ToString().Select(c => char.IsUpper(c) ? $" {char.ToLowerInvariant(c)}" : $"{c}")).Trim();
}
