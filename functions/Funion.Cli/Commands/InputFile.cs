using Funion.Inference;
using Funion.Models.Inputs;
using Funion.Network;
using Funion.Oip;

namespace Funion.Cli.Commands;

/// <summary>Reads INPUT of <c>funion infer</c>: .png, .npy, .json (Open Inference Protocol tensors), or - for the same JSON on stdin.</summary>
static class InputFile
{
    const long Largest = 64 << 20;

    public static async Task<(IReadOnlyList<Tensor>? Tensors, string Problem)> ReadAsync(string path, ModelEntry model, CancellationToken cancellation)
    {
        byte[] bytes;
        if (path == "-")
        {
            using MemoryStream copy = new();
            await System.Console.OpenStandardInput().CopyToAsync(copy, cancellation);
            bytes = copy.ToArray();
        }
        else
        {
            FileInfo file = new(path);
            if (!file.Exists || file.Length > Largest)
            {
                return (null, file.Exists ? $"{path} is larger than 64 MiB." : $"There is no file {path}.");
            }
            bytes = await File.ReadAllBytesAsync(path, cancellation);
        }
        string problem;
        switch (Path.GetExtension(path).ToLowerInvariant())
        {
            case ".png":
                GreyPicture? picture = Png.TryRead(bytes, out problem);
                Tensor? fitted = picture is null ? null : model.Inputs.Count == 1
                    ? PictureInput.TryFit(picture, model.Inputs[0], out problem)
                    : null;
                return fitted is null ? (null, $"{path} cannot be used: {problem}.") : ([fitted], "");
            case ".npy":
                Tensor? array = Npy.TryRead(model.Inputs[0].Name, bytes, out problem);
                return array is null ? (null, $"{path} cannot be used: {problem}.") : ([array], "");
            case not ".json" when path != "-":
                return (null, $"{path} is none of .png, .npy and .json; - reads JSON from stdin.");
            default:
                OipRequest? request = OipRequest.TryParse(bytes, out problem);
                return request is null ? (null, $"The input is not an Open Inference Protocol request: {problem}") : (request.Inputs, "");
        }
    }
}
