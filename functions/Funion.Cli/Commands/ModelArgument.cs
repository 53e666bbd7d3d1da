namespace Funion.Cli.Commands;

/// <summary>What <c>--model NAME=FILE.onnx</c> means.</summary>
static class ModelArgument
{
    public const string Description = "NAME=FILE.onnx, as often as you like.";

    /// <summary>Null, with one sentence, for what is not that.</summary>
    public static IReadOnlyList<(string Name, string File)>? TryParse(IReadOnlyList<string> models, out string problem)
    {
        List<(string, string)> files = [];
        foreach (string model in models)
        {
            if (model.Split('=', 2) is not [{ Length: > 0 } name, { Length: > 0 } file])
            {
                problem = $"'{model}' is not NAME=FILE.onnx.";
                return null;
            }
            files.Add((name, file));
        }
        problem = "";
        return files;
    }
}
